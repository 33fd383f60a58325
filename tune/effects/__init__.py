"""Effects for people: `fxsweep effects` and `fxsweep render`."""
