"""An in-process host for LV2 plugins: audio, control, CV and event ports, in blocks, through fresh instances.

Only the core ABI of LV2 (lv2core.h of the LV2 specification, https://lv2plug.in/ns/lv2core): the plugin's library
is opened and its descriptor called. Port numbers come from the caller, so no RDF is read. What is offered to
plugins that ask for features is in lv2_features.py.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_double, c_uint32, c_void_p
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from trainables.audio import Audio
from trainables.effects.lv2.features import Events, Features, features_for


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
    """Which port numbers are of which kind, each in their own order.

    Attributes:
        controls, inputs, outputs: what is given and taken.
        silent: inputs beside the main ones: they are given silence.
        unheard: outputs beside the main ones: what they say is dropped.
        meters: control outputs, dropped as well.
        events_in, events_out: event ports: nothing happens on them, and what they say is dropped.
        unconnected: ports that may be left alone, and are.
    """

    controls: tuple[int, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    silent: tuple[int, ...] = ()
    unheard: tuple[int, ...] = ()
    meters: tuple[int, ...] = ()
    events_in: tuple[int, ...] = ()
    events_out: tuple[int, ...] = ()
    unconnected: tuple[int, ...] = ()


@dataclass(frozen=True)
class Binary:
    """One plugin's code: the library that holds it, and its URI there."""

    library: Path
    uri: str


def verify(binary: Binary) -> None:
    """Open a plugin's library and see that it holds the plugin meant.

    Raises:
        OSError: the library is missing, is not one, or does not hold the plugin.
    """
    _descriptor(binary)


@dataclass(frozen=True)
class Stage:
    """Audio that an instance is given under one set of control values: (inputs, samples) float32."""

    controls: Sequence[float]
    audio: Audio


def run(binary: Binary, ports: Ports, stages: Sequence[Stage], sample_rate: int, block_samples: int) -> list[Audio]:
    """The stages one after another, in blocks, through one fresh instance of the plugin.

    Returns:
        For each stage (outputs, samples) float32.

    Raises:
        OSError: the plugin does not start at this sample rate.
    """
    features = features_for(sample_rate, block_samples)
    events = Events(features, ports.events_in, ports.events_out)
    with _instance(binary, sample_rate, features) as (plugin, handle):
        kept = _connect_the_rest(plugin, handle, ports, events, block_samples)
        _call_if_there(plugin.activate, handle)
        results = [_run_stage(plugin, handle, ports, stage, events, block_samples) for stage in stages]
        _call_if_there(plugin.deactivate, handle)
    del kept  # not before the plugin has let go of it
    return results


def _connect_the_rest(plugin: Any, handle: int, ports: Ports, events: Events, block_samples: int) -> list[Audio]:
    """Connect all ports but the controls and the main ones, once; their buffers must live as long as the instance."""
    silence = np.zeros((1, block_samples if ports.silent else 0), np.float32)
    unheard = np.zeros((len(ports.unheard), block_samples), np.float32)
    meters = np.zeros((1, len(ports.meters)), np.float32)
    addresses = {
        **{port: _address(silence[0], 0) for port in ports.silent},
        **{port: _address(unheard[row], 0) for row, port in enumerate(ports.unheard)},
        **{port: _address(meters[0], index) for index, port in enumerate(ports.meters)},
        **events.addresses,
        **dict.fromkeys(ports.unconnected),
    }
    for port, address in addresses.items():
        plugin.connect_port(handle, port, address)
    return [silence, unheard, meters]


def _run_stage(plugin: Any, handle: int, ports: Ports, stage: Stage, events: Events, block_samples: int) -> Audio:
    values, source = np.asarray(stage.controls, np.float32), np.ascontiguousarray(stage.audio)
    samples = source.shape[1]
    result = np.zeros((len(ports.outputs), samples), np.float32)
    for index, port in enumerate(ports.controls):
        plugin.connect_port(handle, port, _address(values, index))
    for start in range(0, samples, block_samples):
        _connect(plugin, handle, ports.inputs, source, start)
        _connect(plugin, handle, ports.outputs, result, start)
        events.ready()
        plugin.run(handle, min(block_samples, samples - start))
    return result


@contextmanager
def _instance(binary: Binary, sample_rate: int, features: Features) -> Iterator[tuple[Any, int]]:
    descriptor = _descriptor(binary)
    bundle = f"{binary.library.parent}/".encode()
    handle = descriptor.contents.instantiate(descriptor, float(sample_rate), bundle, features.array)
    if not handle:
        raise OSError(f"{binary.uri} did not start at {sample_rate} Hz")
    try:
        yield descriptor.contents, handle
    finally:
        descriptor.contents.cleanup(handle)


@lru_cache(maxsize=256)
def _descriptor(binary: Binary) -> Any:
    """Pointer to a plugin's descriptor; its library is opened once a process, and never closed."""
    try:
        entry = ctypes.CDLL(str(binary.library)).lv2_descriptor
    except AttributeError as error:
        raise OSError(f"{binary.library} is not an LV2 plugin") from error
    entry.restype, entry.argtypes = POINTER(_Descriptor), [c_uint32]
    found: list[str] = []
    for index in count():
        descriptor = entry(index)
        if not descriptor:
            raise OSError(f"{binary.library} holds {', '.join(found) or 'no plugin'}, not {binary.uri}")
        found.append(descriptor.contents.uri.decode())
        if found[-1] == binary.uri:
            return descriptor
    raise AssertionError("unreachable")


def _call_if_there(function: Any, handle: int) -> None:
    """LV2 lets a plugin leave out `activate` and `deactivate`."""
    if function:
        function(handle)


def _connect(plugin: Any, handle: int, ports: tuple[int, ...], channels: Audio, start: int) -> None:
    for channel, port in enumerate(ports):
        plugin.connect_port(handle, port, _address(channels[channel], start))


def _address(row: Audio, index: int) -> int:
    return int(row.ctypes.data) + index * row.itemsize
