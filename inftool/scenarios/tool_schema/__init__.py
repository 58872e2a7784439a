"""What a tool's arguments mean to a scenario: where they are, and whether a user would say them."""
