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

_LENGTHS = struct.Struct("<IQ")  # bytes of the header, bytes of the samples


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
    audio = None if message.audio is None else np.ascontiguousarray(message.audio, "<f4")
    shape = None if audio is None else audio.shape
    head = json.dumps({**message.head, "shape": shape}).encode()
    body = b"" if audio is None else audio.tobytes()
    left = memoryview(_LENGTHS.pack(len(head), len(body)) + head + body)
    while left:
        _wait(pipe, select.POLLOUT, deadline)
        left = left[os.write(pipe, left) :]


def receive(pipe: int, deadline: float | None = None) -> Message:
    """Read a message.

    Raises:
        TimeoutError: none came in time.
        EOFError: there is no other side.
    """
    head_bytes, body_bytes = _LENGTHS.unpack(_read(pipe, _LENGTHS.size, deadline))
    head = json.loads(_read(pipe, head_bytes, deadline))
    body = _read(pipe, body_bytes, deadline)
    shape = head.pop("shape")
    return Message(head, None if shape is None else np.frombuffer(body, "<f4").reshape(shape).astype(np.float32, copy=False))


def _read(pipe: int, count: int, deadline: float | None) -> bytearray:
    content, got = bytearray(count), 0
    view = memoryview(content)
    while got < count:
        _wait(pipe, select.POLLIN, deadline)
        now = os.readv(pipe, [view[got:]])
        if now == 0:
            raise EOFError("the other side is gone")
        got += now
    return content


def _wait(pipe: int, event: int, deadline: float | None) -> None:
    """Until the pipe is ready, or has no other side, which reading or writing then tells."""
    if deadline is None:
        return
    poll = select.poll()
    poll.register(pipe, event)
    if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000.0):
        raise TimeoutError
