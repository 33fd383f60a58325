"""A fit that trains nothing: trials as long as one likes, which need no core. Importable by Ray's workers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from trainables.configs import TrialConfig
from trainables.training.fit import Epoch

METRIC = "eval/probe_accuracy"


@dataclass(frozen=True)
class SleepingFit:
    """Sleeps through `max_epochs` epochs; each tells when its sleep began and ended, in seconds since 1970."""

    epoch_seconds: float

    def __call__(self, config: TrialConfig, state: dict[str, Any] | None) -> Iterator[Epoch]:
        epochs, done = config.train.max_epochs, state["epoch"] if state else 0
        for epoch in range(done + 1, epochs + 1):
            began = time.time()
            time.sleep(self.epoch_seconds)
            metrics = {METRIC: config.model.beta / (1 + config.model.beta), "began": began, "ended_at": time.time()}
            yield Epoch(metrics, "max_epochs" if epoch == epochs else "", partial(dict, epoch=epoch))
