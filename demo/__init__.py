"""Cells that never were, with the truth known: simulated records to learn, draw and test with.

Everything made here is labelled synthetic wherever it appears; docs/explanation/synthetic-cells.md says what is
simulated and which numbers are assumptions.
"""
