"""Brightness and depth as listeners hear them: the AudioCommons timbral models, version 0.4."""

from trainables.timbre.measurement import Timbre, block_timbres, brightness, depth, timbre

__all__ = ["Timbre", "block_timbres", "brightness", "depth", "timbre"]
