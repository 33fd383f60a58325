"""Plugins in processes of their own: one for each plugin and each process of ours, started at its first take and kept.

A plugin that hangs or crashes costs the take that it was rendering; the next take starts another process.
"""

from __future__ import annotations

import json
import os
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from threading import RLock
from typing import Any

from trainables.audio import Audio
from trainables.effects.isolation.child_process import Child, host_command
from trainables.effects.isolation.messages import Message
from trainables.errors import InputError, TakeFailed

SECONDS_PER_SECOND = 4.0  # beyond the limit, for each second of audio
NO_PROOF = (0, None)  # no process has this id


@dataclass(frozen=True)
class Hosted:
    """A plugin to be hosted; a value, which can go to any process.

    Attributes:
        name: its source, for reports.
        specification: JSON for the host: what to load (see isolated_host.py).
        load_seconds: how long loading may take.
        take_seconds: how long a take may take, however short it is.
        command: another host than ours, for tests.
    """

    name: str
    specification: str
    load_seconds: float = 30.0
    take_seconds: float = 20.0
    command: tuple[str, ...] = ()


@dataclass
class _Place:
    """Where this process keeps the running host of one plugin, and which of its hosts has proved itself."""

    lock: RLock = field(default_factory=RLock)
    child: Child | None = None
    proof: tuple[int | None, Hashable] = NO_PROOF
    introduction: Mapping[str, Any] = field(default_factory=dict)


def introduce(hosted: Hosted) -> Mapping[str, Any]:
    """What a plugin says of itself when it is loaded.

    Raises:
        InputError: it cannot be loaded: it is no effect, it hangs, it crashes.
    """
    place = _place(hosted, os.getpid())
    with place.lock:
        try:
            _running(hosted, place)
        except TakeFailed as failure:
            rule = f"cannot be loaded: {failure.detail.removeprefix(hosted.name).strip()}"
            raise InputError(hosted.name, rule, "Leave it out, or install another build of it.") from failure
        return place.introduction


def render_isolated(hosted: Hosted, dry: Audio, sample_rate: int, settings: Mapping[str, Any], block_samples: int) -> Audio:
    """(channels, samples) through the plugin, the same shape.

    Args:
        settings: as its host understands them, JSON values.

    Raises:
        TakeFailed: the plugin hung, crashed or failed.
        InputError: it cannot render this, whatever the settings.
    """
    head = {"sample_rate": sample_rate, "settings": dict(settings), "block_samples": block_samples}
    seconds = hosted.take_seconds + SECONDS_PER_SECOND * dry.shape[1] / sample_rate
    place = _place(hosted, os.getpid())
    with place.lock:
        reply = _ask(hosted, _running(hosted, place), Message(head, dry), seconds)
    assert reply.audio is not None
    return reply.audio


def host_process(hosted: Hosted) -> int | None:
    """Process id of the running host of a plugin, if this process has one."""
    child = _place(hosted, os.getpid()).child
    return child.process_id if child is not None and child.is_running() else None


def stop(hosted: Hosted) -> None:
    """End the running host of a plugin, if there is one."""
    place = _place(hosted, os.getpid())
    with place.lock:
        if place.child is not None:
            place.child.stop()
        place.child, place.proof = None, NO_PROOF


@contextmanager
def alone_with(hosted: Hosted) -> Iterator[None]:
    """No other thread of this process uses the plugin's host meanwhile, or ends it."""
    with _place(hosted, os.getpid()).lock:
        yield


def note_proof(hosted: Hosted, process_id: int | None, proof: Hashable) -> None:
    """This host of a plugin has proved itself by this. None of a plugin without a host, such as tests make up."""
    _place(hosted, os.getpid()).proof = process_id, proof


def has_proved_itself(hosted: Hosted, proof: Hashable) -> bool:
    """Whether the host that was started last is one that proved itself by this; it may have ended since."""
    place = _place(hosted, os.getpid())
    return place.proof == (place.child.process_id if place.child is not None else None, proof)


@cache
def _place(hosted: Hosted, process_id: int) -> _Place:
    """A forked process has places of its own: two cannot share a pipe."""
    return _Place()


def _running(hosted: Hosted, place: _Place) -> Child:
    """The plugin's host, started if it has ended since or never was."""
    if place.child is not None and place.child.is_running():
        return place.child
    if place.child is not None:
        place.child.stop()
    child = Child(hosted.name, hosted.command or host_command())
    try:
        reply = _ask(hosted, child, Message(json.loads(hosted.specification)), hosted.load_seconds)
    except BaseException:
        child.stop()
        raise
    place.child, place.proof, place.introduction = child, NO_PROOF, reply.head["introduction"]
    return child


def _ask(hosted: Hosted, child: Child, request: Message, seconds: float) -> Message:
    reply = child.ask(request, seconds)
    if "refused" in reply.head:
        raise InputError(*reply.head["refused"])
    if "failed" in reply.head:
        raise TakeFailed("failed", f"{hosted.name} failed: {reply.head['failed']}.")
    return reply
