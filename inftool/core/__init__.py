"""What every stage shares: records, errors, settings, and the basics of JSON. Knows no stage."""
