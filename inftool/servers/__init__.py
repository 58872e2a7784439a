"""Simulated and real APIs over MCP and plain HTTP: transport only, the calls are the world's."""
