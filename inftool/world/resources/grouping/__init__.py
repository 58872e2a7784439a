"""Groups the tools of an API by the entities that they are about."""
