"""The gates, one file each: what a trajectory has to pass before it is kept.

`protocol` says what a gate is, and `registry` lists the gates of every verdict in order. The gates
`judge` and `novelty` are added to a finished verdict where they are asked for.
"""
