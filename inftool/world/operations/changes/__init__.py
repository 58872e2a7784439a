"""What writes do to entities: created, updated, acted on and deleted, with all that follows."""
