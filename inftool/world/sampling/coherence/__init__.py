"""What must agree within an object: totals with lines, dates with each other and the state."""
