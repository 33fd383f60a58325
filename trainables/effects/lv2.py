"""A minimal in-process host for LV2 plugins that have only control and audio ports.

Only the core ABI of LV2 (lv2core.h of the LV2 specification, https://lv2plug.in/ns/lv2core): the plugin's library
is opened and its descriptor called. Port numbers come from the caller's own table, so no RDF is read. Plugins
that require a feature cannot be hosted.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_double, c_uint32, c_void_p
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from trainables.audio import Audio


class _Descriptor(Structure):
    """LV2_Descriptor. Calls through these prototypes release the interpreter lock."""


_descriptor_pointer: Any = POINTER(_Descriptor)
_Descriptor._fields_ = [
    ("uri", c_char_p),
    ("instantiate", CFUNCTYPE(c_void_p, _descriptor_pointer, c_double, c_char_p, POINTER(c_void_p))),
    ("connect_port", CFUNCTYPE(None, c_void_p, c_uint32, c_void_p)),
    ("activate", CFUNCTYPE(None, c_void_p)),
    ("run", CFUNCTYPE(None, c_void_p, c_uint32)),
    ("deactivate", CFUNCTYPE(None, c_void_p)),
    ("cleanup", CFUNCTYPE(None, c_void_p)),
    ("extension_data", c_void_p),
]


@dataclass(frozen=True)
class Ports:
    """Which port numbers are controls, audio inputs and audio outputs, each in their own order."""

    controls: tuple[int, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def verify(library: Path, uri: str) -> None:
    """Open a plugin's library and see that it holds the plugin meant.

    Raises:
        OSError: the library is missing, is not one, or its first plugin has another URI.
    """
    found = _descriptor(library).contents.uri.decode()
    if found != uri:
        raise OSError(f"{library} holds {found}, not {uri}")


@dataclass(frozen=True)
class Stage:
    """Audio that an instance is given under one set of control values: (inputs, samples) float32."""

    controls: Sequence[float]
    audio: Audio


def run(library: Path, ports: Ports, stages: Sequence[Stage], sample_rate: int, block_samples: int) -> list[Audio]:
    """The stages one after another, in blocks, through one fresh instance of the first plugin in `library`.

    Returns:
        For each stage (outputs, samples) float32.
    """
    with _instance(library, sample_rate) as (plugin, handle):
        _call_if_there(plugin.activate, handle)
        results = [_run_stage(plugin, handle, ports, stage, block_samples) for stage in stages]
        _call_if_there(plugin.deactivate, handle)
    return results


def _run_stage(plugin: Any, handle: int, ports: Ports, stage: Stage, block_samples: int) -> Audio:
    values, source = np.asarray(stage.controls, np.float32), np.ascontiguousarray(stage.audio)
    samples = source.shape[1]
    result = np.zeros((len(ports.outputs), samples), np.float32)
    for index, port in enumerate(ports.controls):
        plugin.connect_port(handle, port, _address(values, index))
    for start in range(0, samples, block_samples):
        _connect(plugin, handle, ports.inputs, source, start)
        _connect(plugin, handle, ports.outputs, result, start)
        plugin.run(handle, min(block_samples, samples - start))
    return result


@contextmanager
def _instance(library: Path, sample_rate: int) -> Iterator[tuple[Any, int]]:
    descriptor = _descriptor(library)
    no_features = (c_void_p * 1)(None)
    handle = descriptor.contents.instantiate(descriptor, float(sample_rate), f"{library.parent}/".encode(), no_features)
    if not handle:
        raise OSError(f"{library} did not start at {sample_rate} Hz")
    try:
        yield descriptor.contents, handle
    finally:
        descriptor.contents.cleanup(handle)


@lru_cache(maxsize=64)
def _descriptor(library: Path) -> Any:
    """Pointer to the library's first descriptor; opened once a process, and never closed."""
    try:
        entry = ctypes.CDLL(str(library)).lv2_descriptor
    except AttributeError as error:
        raise OSError(f"{library} is not an LV2 plugin") from error
    entry.restype, entry.argtypes = POINTER(_Descriptor), [c_uint32]
    descriptor = entry(0)
    if not descriptor:
        raise OSError(f"{library} holds no plugin")
    return descriptor


def _call_if_there(function: Any, handle: int) -> None:
    """LV2 lets a plugin leave out `activate` and `deactivate`."""
    if function:
        function(handle)


def _connect(plugin: Any, handle: int, ports: tuple[int, ...], channels: Audio, start: int) -> None:
    for channel, port in enumerate(ports):
        plugin.connect_port(handle, port, _address(channels[channel], start))


def _address(row: Audio, index: int) -> int:
    return int(row.ctypes.data) + index * row.itemsize
