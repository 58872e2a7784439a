"""A blueprint's own test: calls matched to the plan, states compared, facts looked for in what was
told."""
