"""Toolsets: the tools of several APIs side by side, their producers and consumers, their tree."""
