"""English and the forms of identifiers: words, verbs, and how values are written.

Knows no domain: words that depend on what an API is about are in `inftool.world.lexicon`.
"""
