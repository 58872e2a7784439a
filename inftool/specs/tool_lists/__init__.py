"""Lists of tools in other formats than OpenAPI: function definitions and MCP servers."""
