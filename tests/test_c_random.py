import ctypes
import subprocess
import sys

from trainables.effects.isolation.c_random import restart_random

LIBRARY = ctypes.CDLL(None)
LIBRARY.drand48.restype = ctypes.c_double
UNTOUCHED = "import ctypes; c = ctypes.CDLL(None); c.drand48.restype = ctypes.c_double; print(c.rand(), c.rand(), c.drand48())"


def numbers():
    return [LIBRARY.rand(), LIBRARY.rand(), LIBRARY.drand48()]


def test_the_sequences_begin_as_in_a_process_that_has_just_been_started():
    fresh = subprocess.run([sys.executable, "-c", UNTOUCHED], capture_output=True, text=True, check=True).stdout.split()
    for _ in range(2):
        restart_random()
        assert list(map(str, numbers())) == fresh
    assert list(map(str, numbers())) != fresh
