"""Single keywords of a schema in JSON Schema 2020-12, whatever dialect they were written in."""
