"""The tool tree: near-duplicates merged, tools arranged as domain, server and tool.

Follows the section on the MCP tree of the InfTool paper.
"""
