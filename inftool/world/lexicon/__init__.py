"""Words: what simulated entities are called, how fields are named, and what actions do to states.

The words lie in the JSON files of this folder; the modules load them and answer questions about
them. No module here knows schemas, entities or tools.
"""
