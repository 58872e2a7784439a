"""The tiny model: a closed vocabulary with slots for every open word, the model and its base, made from nothing on two cores."""
