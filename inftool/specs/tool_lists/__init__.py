"""Lists of tools that are no OpenAPI document: function definitions and MCP servers."""
