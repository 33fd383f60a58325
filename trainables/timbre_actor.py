"""Brightness and depth of a sweep's evaluation set, measured once by one Ray actor beside the trials."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import ray

from trainables.audio import Audio
from trainables.configs import TrialConfig
from trainables.evaluation_set import evaluation_requests
from trainables.render_actors import CatalogueSource
from trainables.takes import Block
from trainables.timbre import Timbre, timbre

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class EvaluationTimbre:
    """What is heard of each item of the evaluation set, in its order.

    Attributes:
        wet_brightness, wet_depth, dry_brightness, dry_depth: (items,) float64; NaN where the model has no value.
        missing: how often which reason was met: "wet, silent" takes both values of one sound, "dry, depth: ..." one.
    """

    wet_brightness: Values
    wet_depth: Values
    dry_brightness: Values
    dry_depth: Values
    missing: dict[str, int]


class TimbreMeter:
    """A Ray actor."""

    def __init__(self, catalogue: Any) -> None:
        self.source = CatalogueSource(catalogue)
        self.measured: EvaluationTimbre | None = None  # the same for every trial of a sweep

    def measure(self, config: TrialConfig) -> EvaluationTimbre:
        """Of the sweep's evaluation set: rendered as audio and measured at the first call, remembered afterwards.

        Args:
            config: of any trial of the sweep.
        """
        if self.measured is None:
            requests = [replace(request, form="audio") for request in evaluation_requests(config)]
            blocks = (self.source.blocks([request])[0] for request in requests)  # one at a time: audio is large
            self.measured = measure_blocks(blocks, config.sample_rate)
        return self.measured


def measure_blocks(blocks: Iterable[Block], sample_rate: int) -> EvaluationTimbre:
    """Brightness and depth of each item of some blocks of audio."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):  # the other cores train
        pairs = [(_timbres(block.wet, sample_rate), _timbres(block.dry, sample_rate)) for block in blocks]
    wet = [one for of_wet, _ in pairs for one in of_wet]
    dry = [one for _, of_dry in pairs for one in of_dry]
    missing = Counter(f"{side}, {reason}" for side, of in (("wet", wet), ("dry", dry)) for t in of for reason in t.reasons)
    return EvaluationTimbre(*_columns(wet), *_columns(dry), dict(missing))


def _timbres(sounds: Iterable[Audio], sample_rate: int) -> list[Timbre]:
    return [timbre(audio, sample_rate) for audio in sounds]


def _columns(timbres: Sequence[Timbre]) -> tuple[Values, Values]:
    return np.array([one.brightness for one in timbres]), np.array([one.depth for one in timbres])


def start_timbre_meter(catalogue: Any) -> Any:
    """The actor's handle. It reserves no CPU: it works once in a sweep, for seconds or minutes."""
    return ray.remote(TimbreMeter).options(num_cpus=0, max_restarts=-1, max_task_retries=1).remote(catalogue)
