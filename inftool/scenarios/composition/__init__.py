"""One request for one tool: arguments drawn, entities chosen, and the steps run in a world."""
