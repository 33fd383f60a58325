"""Recordings: found, checked, decoded once, split by recording; and the built-in ones."""
