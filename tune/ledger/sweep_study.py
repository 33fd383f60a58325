"""The study of a sweep that has been run: what it knows, and what it is told late."""

from __future__ import annotations

from optuna import Study

from tune.ledger.home import SweepFolder
from tune.ledger.measurements import read_results, trial_results
from tune.ledger.study import StudyTrial, open_study, study_trials
from tune.ledger.study_database import study_place
from tune.search.ends import catch_up
from tune.sweep_file.spec import Sweep


def catch_up_study(sweep: Sweep, folder: SweepFolder) -> Study:
    """Tells the study what its driver could not any more; returns it."""
    place, objectives = study_place(sweep.study.storage, folder.journal), sweep.objectives
    study = open_study(place, folder.name, [objective.mode for objective in objectives])
    catch_up(study, [objective.metric for objective in objectives], lambda number: read_results(trial_results(folder, number)))
    return study


def known_trials(sweep: Sweep, folder: SweepFolder) -> tuple[StudyTrial, ...]:
    """The study's trials; none where a driver died before it had a study."""
    place = study_place(sweep.study.storage, folder.journal)
    return study_trials(place, folder.name) if isinstance(place, str) or place.is_file() else ()
