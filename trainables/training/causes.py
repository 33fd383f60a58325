"""Why a trial failed, which decides whether it is tried again."""

from __future__ import annotations

import re
from typing import Literal

Cause = Literal["lost", "out_of_memory", "not_finite", "bug"]

_TRACEBACK = "Traceback (most recent call last):"
_ANY_ERROR = re.compile(r"^((?:\w+\.)*\w+)(?::(.*))?$", re.MULTILINE)  # what a traceback ends with, whatever its name
_LAST_ERROR = re.compile(r"^((?:\w+\.)*\w*(?:Error|Exception|Lost|Interrupt|Exit))\b(.*)$", re.MULTILINE)
_LOST = (
    "WorkersLost", "RayActorError", "ActorDiedError", "ActorUnavailableError", "WorkerCrashedError", "NodeDiedError",
    "ObjectLostError", "OwnerDiedError", "ObjectReconstructionFailedError", "LocalRayletDiedError", "RaySystemError",
)  # fmt: skip
_KILLED = "due to the node running low on memory"  # what Ray says of a process that its memory monitor killed
_ALLOCATION = re.compile(r"can't allocate memory|out of memory|Cannot allocate memory|running low on memory")


def cause_of(error_text: str) -> Cause:
    """The cause that a traceback tells by its last exception.

    Returns:
        `lost`: a process, worker, node or object went away; `out_of_memory`: the same settings would fail again;
        `not_finite`: training diverged; `bug`: anything else, so the code's own fault.
    """
    name, message = _last_exception(error_text)
    if name in ("MemoryError", "OutOfMemoryError") or _ALLOCATION.search(message):
        return "out_of_memory"
    if name == "FloatingPointError":
        return "not_finite"
    return "lost" if name in _LOST else "bug"


def _last_exception(error_text: str) -> tuple[str, str]:
    """Its name, without its module, and the first line of its message; without a traceback, of the last that looks like one."""
    _, traceback, last = error_text.rpartition(_TRACEBACK)
    if traceback and (found := _ANY_ERROR.search(last)):
        return found[1].rsplit(".", 1)[-1], found[2] or ""
    named = _LAST_ERROR.findall(error_text)
    name, message = named[-1] if named else ("", error_text)
    return name.rsplit(".", 1)[-1], message


def memory_loss(error_text: str) -> str:
    """The line by which Ray tells that it killed a process for want of memory, as `cause_of` knows it; "" if there is none."""
    line = next((line for line in error_text.splitlines() if _KILLED in line), "")
    return f"OutOfMemoryError: {line.strip()}" if line else ""
