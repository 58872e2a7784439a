"""Tools + seed -> simulated worlds behind a FastMCP server (and the real API, or plain HTTP, behind the same tools)."""
