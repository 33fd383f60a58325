"""The process that hosts one plugin: `python -m trainables.effects.isolation.isolated_host PARENT_PROCESS_ID`.

The first request says what to load, every other one is a take to render. The plugin is loaded and run on the
main thread, which some demand. Whatever happens in here costs the parent one take.
"""

from __future__ import annotations

import ctypes
import math
import os
import signal
import sys
from typing import Any, Protocol

from trainables.audio import Audio
from trainables.effects.isolation.messages import Message, receive, send
from trainables.errors import InputError
from trainables.rendering.denormals import flushed_denormals

IDLE_SECONDS = 600  # a host that nobody asks for so long ends; the next take starts another
GRACE_SECONDS = 5  # the parent ends a hanging host before it ends itself
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


class Host(Protocol):
    """One loaded plugin."""

    def introduce(self) -> dict[str, Any]:
        """What the parent should know of it, as JSON values."""
        ...

    def render(self, dry: Audio, sample_rate: int, settings: dict[str, Any], block_samples: int) -> Audio: ...


def main() -> None:
    """Answer requests until there is nobody to ask."""
    _die_with(int(sys.argv[1]))
    requests, replies = _take_pipes()
    with flushed_denormals():
        _answer_all(requests, replies)


def _answer_all(requests: int, replies: int) -> None:
    host: Host | None = None
    while True:
        signal.alarm(IDLE_SECONDS)  # its default action ends the process even while native code runs
        try:
            request = receive(requests)
        except EOFError:
            os._exit(0)  # without the plugin's own farewell, in which some hang
        signal.alarm(math.ceil(request.head["seconds"]) + GRACE_SECONDS)
        reply, host = _answer(host, request)
        send(replies, reply)


def _answer(host: Host | None, request: Message) -> tuple[Message, Host | None]:
    try:
        if host is not None:
            return _render(host, request), host
        host = load(request.head)
        return Message({"introduction": host.introduce()}), host
    except InputError as error:
        return Message({"refused": [error.value, error.rule, error.remedy]}), host
    except Exception as error:
        return Message({"failed": f"{type(error).__name__}: {error}"}), host


def load(specification: Any) -> Host:
    """The plugin that a specification names, ready to render."""
    if specification["kind"] == "lv2":
        from trainables.effects.lv2.host import Lv2Host

        return Lv2Host(specification)
    if specification["kind"] == "choice":
        from trainables.effects.isolation.apart import ChoiceHost

        return ChoiceHost(specification)
    from trainables.effects.vst3.host import Vst3Host

    return Vst3Host(specification)


def _render(host: Host, request: Message) -> Message:
    assert request.audio is not None
    head = request.head
    return Message({}, host.render(request.audio, head["sample_rate"], head["settings"], head["block_samples"]))


def _die_with(parent_process_id: int) -> None:
    """End when the parent does, even in the middle of native code; Ctrl-C is the parent's affair."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_process_id:
        os._exit(0)


def _take_pipes() -> tuple[int, int]:
    """Our ends of the pipes. What the plugin prints goes to standard error, and it reads nothing."""
    requests, replies = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return requests, replies


if __name__ == "__main__":
    main()
