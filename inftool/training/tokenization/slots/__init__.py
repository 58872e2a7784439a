"""The tiny model's tokenization: a closed vocabulary with slots for open words."""
