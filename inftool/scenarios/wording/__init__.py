"""Words of a scenario: requests, details, referring expressions."""
