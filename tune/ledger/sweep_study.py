"""The study of a sweep that has been run: what it knows, and what it is told late."""

from __future__ import annotations

from typing import Any

from optuna import Study

from tune.ledger.checkpoints import saved_epoch
from tune.ledger.home import SweepFolder
from tune.ledger.measurements import read_results, trial_results
from tune.ledger.study import NoStudy, StudyTrial, open_study, study_trials
from tune.ledger.study_database import study_place
from tune.search.ends import catch_up
from tune.sweep_file.spec import Sweep


def catch_up_study(sweep: Sweep, folder: SweepFolder) -> Study:
    """Tells the study what its driver could not any more; returns it."""
    place, objectives = study_place(sweep.study.storage, folder.journal), sweep.objectives
    study = open_study(place, folder.name, [objective.mode for objective in objectives])
    catch_up(study, [objective.metric for objective in objectives], lambda number: _results(folder, number))
    return study


def _results(folder: SweepFolder, number: int) -> list[dict[str, Any]]:
    """What a trial reported. Its end is none if it died before its last weights were saved: it trains that epoch once more."""
    results = list(read_results(trial_results(folder, number)))
    last = results[-1] if results else {}
    if last.get("done") and not last.get("failed") and saved_epoch(folder, number) < last["epoch"]:
        results[-1] = {**last, "done": False}
    return results


def known_trials(sweep: Sweep, folder: SweepFolder) -> tuple[StudyTrial, ...]:
    """The study's trials; none where a driver died before it had a study."""
    try:
        return study_trials(study_place(sweep.study.storage, folder.journal), folder.name)
    except NoStudy:
        return ()
