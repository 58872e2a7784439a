"""What calls do: one handler for each kind of role, and what they share."""
