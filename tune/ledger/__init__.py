"""What a sweep keeps of itself, and what is read from it: identity, study, measurements, status."""
