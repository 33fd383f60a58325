"""The driver of a sweep: from a checked sweep to its registered model, and again after an interruption."""
