"""Should I worry about a trial? Asked when it ends, and told to MLflow as tags and a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from trainables.diagnosis.diagnosis import Check, worries
from tune.driver.examination import examination
from tune.ledger.home import SweepFolder
from tune.ledger.status import TrialStatus
from tune.pages.should_i_worry import FILE, worry_page
from tune.space.names import run_name
from tune.sweep_file.spec import Sweep
from tune.tracking.sweep_tracker import SweepTracker


@dataclass(frozen=True)
class Examiner:
    """Examines the trials of a sweep that runs."""

    sweep: Sweep
    folder: SweepFolder
    tracker: SweepTracker

    def examine(self, trial: TrialStatus, epochs: Sequence[Mapping[str, float]]) -> str | None:
        """Writes a trial's page and tags (again, if it is asked again); returns the names of its worries.

        Args:
            trial: one that has ended.
            epochs: its metrics, epoch by epoch.

        Returns:
            None where nothing is asked.
        """
        checks = examination(self.sweep, self.folder, trial, epochs)
        page = self.folder.pictures(trial.number) / FILE
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(worry_page(f"trial {trial.number}: {run_name(trial.params)}", checks), encoding="utf-8")
        self.tracker.trial_tags(trial.number, check_tags(checks))
        self.tracker.trial_artifact(trial.number, page)
        return worry_names(checks)


class Unexamined(Examiner):
    """Of trials whose questions are others: those of a VAE mean nothing for a matcher."""

    def examine(self, trial: TrialStatus, epochs: Sequence[Mapping[str, float]]) -> str | None:
        """No answer, and no page."""
        return None


def worry_names(checks: Iterable[Check]) -> str:
    """`overfit, effect_order`, or "" if there is nothing to worry about."""
    return ", ".join(worries(checks))


def check_tags(checks: Iterable[Check]) -> dict[str, str]:
    """`worry`, and a tag for each check: its verdict and its figure."""
    checks = tuple(checks)
    each = {f"fxsweep.check.{check.name}": f"{check.verdict}: {check.figure}" for check in checks}
    return {"worry": worry_names(checks), **each}
