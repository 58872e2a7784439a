"""What one tool says about itself: the steps of its path, its name, and the forms of its answer."""
