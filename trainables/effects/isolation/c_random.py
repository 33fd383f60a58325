"""The random numbers of the C library, which a process has one sequence of: some plugins take their noise from it."""

from __future__ import annotations

import ctypes


def restart_random() -> None:
    """Begin the sequences of rand() and drand48() again, as in a process that has just been started."""
    library = ctypes.CDLL(None)
    library.srand(1)
    library.seed48((ctypes.c_ushort * 3)())
