"""What an epoch of a sweep costs: two are trained, in this process, before anything runs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainables.rendering.takes import Block, BlockRequest, Probed, Probes
from tune.errors import InvalidInput
from tune.planning.stage import Stage
from tune.space.trials import default_trial_config
from tune.sweep_file.spec import Sweep

MOST_SECONDS = 300.0  # after which nothing more is begun


@dataclass(frozen=True)
class EpochCost:
    """Seconds of one core, of a trial with the sweep's fixed settings.

    Attributes:
        epoch_seconds: of training, validating and scoring.
        first_seconds: what the first epoch of a trial takes beyond that, as its controls.
        take_seconds: of rendering one take.
        map_seconds: of one trial's pictures; first_map_seconds: what the first of a sweep take beyond that.
        checkpoint_bytes: of one checkpoint.
    """

    epoch_seconds: float
    first_seconds: float
    take_seconds: float
    map_seconds: float
    first_map_seconds: float
    checkpoint_bytes: int


class TimedSource:
    """Blocks rendered here, each once, with the seconds that it took."""

    def __init__(self, source: Any, most_seconds: float = MOST_SECONDS) -> None:
        self.source, self.most_seconds = source, most_seconds
        self.known: dict[BlockRequest, Block] = {}
        self.seconds, self.takes = 0.0, 0

    def blocks(self, requests: Sequence[BlockRequest]) -> list[Block]:
        return [self.known[request] if request in self.known else self._render(request) for request in requests]

    def prefetch(self, requests: Sequence[BlockRequest]) -> None:
        """Nobody else renders."""

    def probe(self, requests: Sequence[Probes]) -> list[Probed]:
        """Takes at other settings, timed alike."""
        start = time.perf_counter()
        probed: list[Probed] = self.source.probe(requests)
        self.seconds += time.perf_counter() - start
        self.takes += sum(len(one.settings) for one in requests)
        return probed

    def forget(self, requests: Sequence[BlockRequest]) -> None:
        for request in requests:
            self.known.pop(request, None)

    def _render(self, request: BlockRequest) -> Block:
        if self.seconds > self.most_seconds:
            rule = f"rendering alone has taken {self.seconds:.0f} s, for {self.takes} takes"
            raise InvalidInput(f"plan --probe: {rule}. Plan without it, or lower evaluation.settings_per_effect.")
        start = time.perf_counter()
        block: Block = self.source.blocks([request])[0]
        self.seconds, self.takes = self.seconds + time.perf_counter() - start, self.takes + request.items
        self.known[request] = block
        return block


class Laps:
    """Seconds of work between one call and the next: of this process's cores, less what rendering took of them."""

    def __init__(self, source: TimedSource) -> None:
        self.source = source
        self.last = self._now()

    def lap(self) -> float:
        before, self.last = self.last, self._now()
        return max(0.0, self.last - before)

    def _now(self) -> float:
        return time.perf_counter() - self.source.seconds


def probe(sweep: Sweep, stage: Stage) -> EpochCost:
    """Trains two epochs with the sweep's fixed settings and draws a latent map, as a sweep would.

    Raises:
        InvalidInput: rendering takes longer than five minutes.
    """
    from trainables.rendering.blocks import InlineSource

    source = TimedSource(InlineSource(stage.corpus, stage.plan))
    laps, epochs, seconds = Laps(source), _fit(sweep, stage, source), []
    for epoch in epochs:
        seconds.append(laps.lap())
        state = epoch.state()
        if len(seconds) == 2 or sum(seconds) + source.seconds > MOST_SECONDS:
            break
    first, steady, take_seconds = seconds[0], seconds[-1], source.seconds / max(1, source.takes)
    checkpoint, maps = _kept(sweep, stage, source, state)
    return EpochCost(steady, max(0.0, first - steady), take_seconds, maps[-1], max(0.0, maps[0] - maps[-1]), checkpoint)


def _fit(sweep: Sweep, stage: Stage, source: TimedSource) -> Any:
    config = default_trial_config(sweep)
    if sweep.trainable == "matcher":
        if sweep.matcher.encoder not in ("none", "trained"):
            rule = "a matcher that hears by a registered model is timed when its sweep begins only"
            raise InvalidInput(f"plan --probe: {rule}. Plan without it, or with --set matcher.encoder=none.")
        from trainables.matching.fitting import fit_matcher
        from trainables.rendering.rendering import planned_effects

        return fit_matcher(config, source, planned_effects(stage.plan))
    from trainables.training.fit import fit

    return fit(config, source)


def _kept(sweep: Sweep, stage: Stage, source: TimedSource, state: dict[str, Any]) -> tuple[int, list[float]]:
    """A checkpoint's size, and the seconds of the first and of another latent map; a matcher has none."""
    import tempfile

    from trainables.training.checkpoint import write_checkpoint

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "trial.pt"
        write_checkpoint(file, default_trial_config(sweep), state)
        size = file.stat().st_size
        return size, [0.0] if sweep.trainable == "matcher" else _map_seconds(sweep, stage, source, file)


def _map_seconds(sweep: Sweep, stage: Stage, source: TimedSource, checkpoint: Path) -> list[float]:
    from trainables.maps.map_actor import MapMaker
    from trainables.rendering.rendering import planned_effects

    knobs = {name: effect.parameters for name, effect in planned_effects(stage.plan).items()}
    maker = MapMaker(None, knobs, sweep.figure)
    maker.source = source  # type: ignore[assignment]
    laps, seconds = Laps(source), []
    for _ in range(2):
        maker.make(checkpoint, [{"epoch": 1.0}], "probe", sweep.seed)
        seconds.append(laps.lap())
    return seconds
