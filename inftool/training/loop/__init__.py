"""The closed loop: synthesize, train, evaluate, aim the next round at the gaps."""
