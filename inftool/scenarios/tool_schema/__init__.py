"""What the arguments of a tool mean to a scenario: their places, who gives them, whether a person
would mention them."""
