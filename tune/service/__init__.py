"""Sweeps sent to a cluster as Ray Jobs: what is sent, what a driver asks when it arrives there, whose turn it is."""
