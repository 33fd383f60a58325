"""Numbers too small for full precision flushed to zero, in the calling thread, without torch.

A tail that decays into such numbers takes fifty times as long to compute, and comes out with other bytes where one
process flushes them and another does not. So whatever renders does it within `flushed_denormals`.
"""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any


@dataclass(frozen=True)
class _ControlWord:
    """Where the floating-point control register lies in the C library's fenv_t, and which of its bits flush."""

    environment_bytes: int
    offset_bytes: int
    flush_bits: int


# glibc's fenv_t: https://sourceware.org/git/glibc.git, sysdeps/x86/fpu/bits/fenv.h and sysdeps/aarch64/fpu/bits/fenv.h
_CONTROL_WORDS = {
    "x86_64": _ControlWord(environment_bytes=32, offset_bytes=28, flush_bits=0x8040),  # FTZ and DAZ of MXCSR
    "aarch64": _ControlWord(environment_bytes=8, offset_bytes=0, flush_bits=1 << 24),  # FZ of FPCR
}


@contextmanager
def flushed_denormals() -> Iterator[None]:
    """Flushes them inside the block, and leaves the thread as it was. Does nothing on machines other than Linux's usual."""
    word, library = _CONTROL_WORDS.get(platform.machine()), _mathematics()
    if word is None or library is None:
        yield
        return
    before = (ctypes.c_uint8 * word.environment_bytes)()
    library.fegetenv(before)
    flushing = type(before).from_buffer_copy(before)
    control = ctypes.c_uint32.from_buffer(flushing, word.offset_bytes)
    control.value |= word.flush_bits
    library.fesetenv(flushing)
    try:
        yield
    finally:
        library.fesetenv(before)


@cache
def _mathematics() -> Any:
    if platform.libc_ver()[0] != "glibc":
        return None
    return ctypes.CDLL("libm.so.6")
