"""Ray Tune's reports, on their way into the ledger of measurements."""

from __future__ import annotations

from typing import Any

from ray.tune import Callback

from tune.ledger.home import SweepFolder
from tune.ledger.measurements import append_result, trial_results
from tune.space.trials import TRIAL_NUMBER


class MeasurementLog(Callback):  # type: ignore[misc]
    """Appends every report to its trial's ledger."""

    def __init__(self, folder: SweepFolder) -> None:
        self.folder = folder

    def __getstate__(self) -> dict[str, Any]:
        """Tune pickles its callbacks beside the trials; nothing is ever restored from that file."""
        return {}

    def on_trial_result(self, iteration: int, trials: list[Any], trial: Any, result: dict[str, Any], **info: Any) -> None:
        append_result(trial_results(self.folder, int(trial.config[TRIAL_NUMBER])), result)
