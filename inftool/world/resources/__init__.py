"""What an API is about: resources, the role of each tool, references between resources."""
