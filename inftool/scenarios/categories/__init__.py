"""The categories of scenarios, BFCL's by BFCL's names."""
