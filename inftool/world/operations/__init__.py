"""What calls do: a handler for each kind of role, and in `changes` what writes do to entities."""
