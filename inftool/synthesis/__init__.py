"""Plays: blueprints are rehearsed, played by the cast, judged and stored."""
