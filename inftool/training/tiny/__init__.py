"""The tiny model and how its base is made: from nothing, on two cores."""
