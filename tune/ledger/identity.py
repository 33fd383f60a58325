"""Who a sweep is, written into its folder when it begins: by this its runs are found again, and can be made again."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from tune.ledger.home import SweepFolder, write_json


@dataclass(frozen=True)
class Identity:
    """What does not change however often a sweep is taken up again.

    Attributes:
        sweep_id: random; a name is given again in another folder, or after its folder was deleted.
        started_ms: when it began, in milliseconds since 1970.
        tags: of all its runs: what its scores depend on.
    """

    sweep_id: str
    started_ms: int
    tags: Mapping[str, str] = field(default_factory=dict)


def begin(folder: SweepFolder, tags: Mapping[str, str]) -> Identity:
    """The identity of a sweep: what its folder says, or a new one, which is written there first."""
    return read_identity(folder) or _written(folder, Identity(uuid.uuid4().hex, time.time_ns() // 1_000_000, dict(tags)))


def adopt(folder: SweepFolder, started_seconds: float, tags: Mapping[str, str]) -> Identity:
    """The same for a sweep that began without one."""
    return read_identity(folder) or _written(folder, Identity(uuid.uuid4().hex, round(started_seconds * 1000), dict(tags)))


def read_identity(folder: SweepFolder) -> Identity | None:
    """None where there is none, as in the folder of an older version."""
    try:
        return Identity(**json.loads(folder.identity.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _written(folder: SweepFolder, identity: Identity) -> Identity:
    write_json(folder.identity, asdict(identity))
    return identity
