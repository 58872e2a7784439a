"""OpenAPI 3.x and Swagger 2.0: operations, parameters, bodies and responses become tools."""
