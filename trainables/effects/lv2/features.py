"""What this host offers to LV2 plugins that ask: numbers for URIs, the length of blocks, the sample rate.

Sources: the headers and documents of the LV2 extensions urid, options, buf-size and atom (https://lv2plug.in/ns).
"""

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, Structure, c_char_p, c_float, c_int32, c_uint32, c_void_p
from functools import lru_cache
from typing import Any

URID_MAP = "http://lv2plug.in/ns/ext/urid#map"
URID_UNMAP = "http://lv2plug.in/ns/ext/urid#unmap"
OPTIONS = "http://lv2plug.in/ns/ext/options#options"
BUFFER_SIZES = "http://lv2plug.in/ns/ext/buf-size#"
BOUNDED = f"{BUFFER_SIZES}boundedBlockLength"
SEPARATE_BUFFERS = "http://lv2plug.in/ns/lv2core#inPlaceBroken"  # asks for what every block here is given anyway
REAL_TIME = "http://lv2plug.in/ns/lv2core#hardRTCapable"  # tells something, and asks for nothing
OFFERED = (URID_MAP, URID_UNMAP, OPTIONS, BOUNDED, SEPARATE_BUFFERS, REAL_TIME)

ATOM = "http://lv2plug.in/ns/ext/atom#"
SAMPLE_RATE = "http://lv2plug.in/ns/ext/parameters#sampleRate"
EVENT_BYTES = 8192  # room for what a plugin has to say on an event port in one block

_Map, _Unmap = CFUNCTYPE(c_uint32, c_void_p, c_char_p), CFUNCTYPE(c_void_p, c_void_p, c_uint32)


class _Feature(Structure):
    """LV2_Feature."""

    _fields_ = (("uri", c_char_p), ("data", c_void_p))


class _WithHandle(Structure):
    """LV2_URID_Map and LV2_URID_Unmap: a handle, which is not used here, and a function."""

    _fields_ = (("handle", c_void_p), ("function", c_void_p))


class _Option(Structure):
    """LV2_Options_Option."""

    _fields_ = (
        ("context", c_uint32),
        ("subject", c_uint32),
        ("key", c_uint32),
        ("size", c_uint32),
        ("type", c_uint32),
        ("value", c_void_p),
    )


class Numbers:
    """Numbers for URIs, from 1 on, given out as they are asked for; and back, as the address of a text that stays."""

    def __init__(self) -> None:
        self._texts: dict[bytes, Any] = {}

    def number(self, uri: bytes) -> int:
        self._texts.setdefault(uri, ctypes.create_string_buffer(uri))
        return list(self._texts).index(uri) + 1

    def address(self, number: int) -> int | None:
        texts = list(self._texts.values())
        return ctypes.addressof(texts[number - 1]) if 0 < number <= len(texts) else None


class Features:
    """The features for instances of one sample rate and block length; to be kept as long as they live.

    Attributes:
        array: LV2_Feature**, ended by a null pointer.
    """

    def __init__(self, sample_rate: int, block_samples: int) -> None:
        self.numbers = Numbers()
        self._map = _Map(lambda _, uri: self.numbers.number(uri))
        self._unmap = _Unmap(lambda _, number: self.numbers.address(number))
        self._map_handle, self._unmap_handle = _handle(self._map), _handle(self._unmap)
        self._options = self._make_options(sample_rate, block_samples)
        data = {URID_MAP: self._map_handle, URID_UNMAP: self._unmap_handle, OPTIONS: self._options}
        self._features = [_Feature(uri.encode(), ctypes.addressof(structure)) for uri, structure in data.items()]
        self._features += [_Feature(uri.encode(), None) for uri in (BOUNDED, SEPARATE_BUFFERS, REAL_TIME)]
        self.array = (c_void_p * (len(self._features) + 1))(*map(ctypes.addressof, self._features), None)

    def number(self, uri: str) -> int:
        return self.numbers.number(uri.encode())

    def _make_options(self, sample_rate: int, block_samples: int) -> Any:
        lengths = {"minBlockLength": 1, "maxBlockLength": block_samples, "nominalBlockLength": block_samples}
        values: dict[str, Any] = {f"{BUFFER_SIZES}{name}": c_int32(value) for name, value in lengths.items()}
        values |= {f"{BUFFER_SIZES}sequenceSize": c_int32(EVENT_BYTES), SAMPLE_RATE: c_float(sample_rate)}
        self._values = values
        return (_Option * (len(values) + 1))(*(self._option(key, value) for key, value in values.items()), _Option())

    def _option(self, key: str, value: Any) -> _Option:
        kind = "Float" if isinstance(value, c_float) else "Int"
        return _Option(0, 0, self.number(key), 4, self.number(f"{ATOM}{kind}"), ctypes.addressof(value))


@lru_cache(maxsize=16)
def features_for(sample_rate: int, block_samples: int) -> Features:
    return Features(sample_rate, block_samples)


def _handle(function: Any) -> _WithHandle:
    return _WithHandle(None, ctypes.cast(function, c_void_p).value)


class Events:
    """Buffers of event ports: inputs without any event, outputs with room for some. To be readied before each block.

    Attributes:
        addresses: where the buffer of each port is, by its number.
    """

    def __init__(self, features: Features, inputs: tuple[int, ...], outputs: tuple[int, ...]) -> None:
        self._none = (8, features.number(f"{ATOM}Sequence"))  # the size of what follows: an empty sequence's own head
        self._room = (EVENT_BYTES - 8, features.number(f"{ATOM}Chunk"))
        self._buffers = {port: (c_uint32 * (EVENT_BYTES // 4))() for port in (*inputs, *outputs)}
        self._inputs = inputs
        self.addresses = {port: ctypes.addressof(buffer) for port, buffer in self._buffers.items()}

    def ready(self) -> None:
        for port, buffer in self._buffers.items():
            buffer[0], buffer[1] = self._none if port in self._inputs else self._room
            buffer[2] = buffer[3] = 0
