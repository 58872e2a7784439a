"""Model endpoints: client, transport, rate limit, cost and caches. Knows no role."""
