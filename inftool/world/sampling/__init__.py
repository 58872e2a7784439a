"""Values sampled from a schema: valid, coherent within an object, and such as people would type.

`sampler` holds the entry points. `named_values` says what fields hold by their names;
`coherence` makes the parts of a finished object agree.
"""
