"""The nine mda plugins, hosted in this process."""
