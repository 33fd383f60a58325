"""What of a sweep was judged before: whoever asks until the answer is yes has compared more candidates than the last time."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tune.ledger.home import SweepFolder, write_json

FILE = "promotions.json"  # in the sweep's folder


@dataclass(frozen=True)
class Attempt:
    """One judgement. The same one again has the same answer, and is no other attempt.

    Attributes:
        against: the champion's version; "" if there was none.
        trials: that competed.
    """

    evaluation_hash: str
    against: str
    trials: tuple[int, ...]


def judged_so_far(folder: SweepFolder, attempt: Attempt) -> int:
    """How many candidates were judged against this champion, those of this attempt included; it is remembered."""
    known = _read(folder.path / FILE)
    if attempt not in known:
        known.append(attempt)
        write_json(folder.path / FILE, {"attempts": [asdict(one) for one in known]})
    return sum(len(one.trials) for one in known if one.against == attempt.against)


def _read(file: Path) -> list[Attempt]:
    if not file.is_file():
        return []
    told = json.loads(file.read_text(encoding="utf-8"))["attempts"]
    return [Attempt(one["evaluation_hash"], one["against"], tuple(one["trials"])) for one in told]
