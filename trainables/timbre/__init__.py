"""Brightness and depth as listeners hear them: the AudioCommons timbral models, version 0.4."""

from trainables.timbre.measurement import Timbre, brightness, depth, timbre

__all__ = ["Timbre", "brightness", "depth", "timbre"]
