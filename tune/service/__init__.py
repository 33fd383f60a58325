"""Sweeps sent to a cluster as Ray Jobs."""
