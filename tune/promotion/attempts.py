"""What was judged before: whoever asks until the answer is yes has compared more candidates than the last time.

It is kept in the registry, beside the champion that all of them would replace: other sweeps, people and machines count, too.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from trainables.digests import digest
from tune.models.aliases import challenged
from tune.tracking.runs import connect, reaching
from tune.tracking.stores import Tracking


@dataclass(frozen=True)
class Attempt:
    """One judgement. The same one again has the same answer, and is no other attempt.

    Attributes:
        sweep_id: of the sweep.
        evaluation_hash: of the takes.
        trials: that competed.
    """

    sweep_id: str
    evaluation_hash: str
    trials: tuple[int, ...]


def judged_so_far(tracking: Tracking, model_name: str, champion: str, attempt: Attempt) -> int:
    """How many candidates were judged against this champion, those of this attempt included; it is remembered.

    Args:
        champion: its version; "" if there is none.

    Raises:
        InfrastructureLost: the registry doesn't answer.
    """
    client = connect(tracking)
    with reaching(tracking):
        return challenged(client, model_name, champion, digest(asdict(attempt)), len(attempt.trials))
