"""OpenAPI 3.x and Swagger 2.0: each operation, with its arguments and answers, becomes a tool."""
