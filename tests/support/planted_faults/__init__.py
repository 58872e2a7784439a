"""Faults planted in kept lines, by code that shares nothing with the gates that are to find them.

Each of these modules adds its faults to `lines.FAULTS` when it is imported.
"""

from tests.support.planted_faults import calls, claims, dialogue, results, user

__all__ = ["calls", "claims", "dialogue", "results", "user"]
