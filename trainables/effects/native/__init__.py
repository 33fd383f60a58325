"""Effects of pedalboard's own processors."""
