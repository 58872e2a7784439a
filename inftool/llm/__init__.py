"""Model endpoints: the client, its transport and limits, cost and caches. Knows no role and no conversation."""
