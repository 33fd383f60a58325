"""Models applied to recordings: `fxsweep evaluate`, `embed`, `map`."""
