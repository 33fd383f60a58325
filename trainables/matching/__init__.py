"""Style matching: hear a reference, set the knobs of a real effect, and say when doing nothing is better."""
