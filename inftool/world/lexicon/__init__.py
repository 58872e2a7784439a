"""Word lists that a world is made of: names of people, places and things, and words of life cycles."""
