"""Toolsets: the tools of several APIs side by side."""
