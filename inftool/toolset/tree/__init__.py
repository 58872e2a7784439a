"""The tool tree: near-duplicates merged, tools arranged as domain, server, tool (InfTool, section on the MCP tree)."""
