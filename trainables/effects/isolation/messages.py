"""What a plugin's process and its parent say to each other: a JSON header and raw float32 samples, through pipes.

Never a pickle: neither side trusts the other with more than numbers and text.
"""

from __future__ import annotations

import json
import os
import select
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from trainables.audio import Audio

_LENGTH = struct.Struct("<I")  # bytes of the header, which tells the shape of the samples


@dataclass(frozen=True)
class Message:
    """One request or reply.

    Attributes:
        head: JSON values by name.
        audio: (channels, samples) float32, or None.
    """

    head: Mapping[str, Any]
    audio: Audio | None = None


def send(pipe: int, message: Message, deadline: float | None = None) -> None:
    """Write a message.

    Args:
        pipe: a file descriptor; a non-blocking one if there is a deadline.
        deadline: on the monotonic clock, in seconds.

    Raises:
        TimeoutError: the other side did not take it in time.
        BrokenPipeError: there is no other side.
    """
    audio = None if message.audio is None else np.ascontiguousarray(message.audio, np.float32)
    head = json.dumps({**message.head, "shape": None if audio is None else audio.shape}).encode()
    _write(pipe, memoryview(_LENGTH.pack(len(head)) + head), deadline)
    if audio is not None:
        _write(pipe, audio.reshape(-1).view(np.uint8).data, deadline)


def receive(pipe: int, deadline: float | None = None) -> Message:
    """Read a message.

    Raises:
        TimeoutError: none came in time.
        EOFError: there is no other side.
    """
    [head_bytes] = _LENGTH.unpack(_read(pipe, _LENGTH.size, deadline))
    head = json.loads(_read(pipe, head_bytes, deadline))
    shape = head.pop("shape")
    if shape is None:
        return Message(head)
    audio = np.empty(shape, np.float32)
    _fill(audio.reshape(-1).view(np.uint8).data, pipe, deadline)
    return Message(head, audio)


def _read(pipe: int, count: int, deadline: float | None) -> bytearray:
    content = bytearray(count)
    _fill(memoryview(content), pipe, deadline)
    return content


def _fill(room: memoryview, pipe: int, deadline: float | None) -> None:
    while room:
        _wait(pipe, select.POLLIN, deadline)
        got = os.readv(pipe, [room])
        if got == 0:
            raise EOFError("the other side is gone")
        room = room[got:]


def _write(pipe: int, left: memoryview, deadline: float | None) -> None:
    while left:
        _wait(pipe, select.POLLOUT, deadline)
        left = left[os.write(pipe, left) :]


def _wait(pipe: int, event: int, deadline: float | None) -> None:
    """Until the pipe is ready, or has no other side, which reading or writing then tells."""
    if deadline is None:
        return
    poll = select.poll()
    poll.register(pipe, event)
    if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000.0):
        raise TimeoutError
