"""One turn at a time: a tool is chosen, its arguments are bound, and the request is checked by running it."""
