"""Scores on a fixed set, beside controls, with intervals over recordings."""
