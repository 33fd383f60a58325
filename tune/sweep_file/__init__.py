"""A sweep's YAML file: from its text to a `Sweep`, or to problems told with their lines."""
