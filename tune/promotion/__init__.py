"""Promotion with evidence: the best trials of a sweep against the champion and controls, on recordings that none knows."""
