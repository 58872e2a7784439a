"""The simulated world of an API: seeded state and the operations on it. Knows no transport."""
