"""Learning from an earlier sweep (`from: NAME`): whether its trials tell this one anything, and those that do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial

from tune.errors import FxsweepError, InvalidInput
from tune.ledger.home import SweepFolder, find_folder
from tune.ledger.status import read_status
from tune.ledger.study import StudyPlace, frozen_trials, open_study, own_trials
from tune.ledger.study_database import study_place
from tune.search.optuna_space import distributions
from tune.search.points import points
from tune.search.samplers import GENERATION
from tune.space.conditions import holds
from tune.space.sweep_meaning import differences
from tune.sweep_file.point_sections import within
from tune.sweep_file.spec import Sweep, parse_sweep
from tune.sweep_file.yaml_text import read_document

ENDED = (TrialState.COMPLETE, TrialState.PRUNED)


def not_learned(sweep: Sweep, home: Path) -> Iterator[str]:
    """A sentence, if a sweep cannot learn from the one that it names. Their evaluation sets are compared when it runs."""
    try:
        earlier_points(sweep, home)
    except FxsweepError as error:
        yield f"{error} `fxsweep run` refuses the sweep like this."


def earlier_points(sweep: Sweep, home: Path, evaluation_hash: str | None = None) -> tuple[FrozenTrial, ...]:
    """The ended points of the sweep that this one is to learn from, as far as they lie in this one's space; () without one.

    Args:
        evaluation_hash: of this sweep's evaluation set; without it the sets are not compared.

    Raises:
        InvalidInput: if there is no such sweep in `home`, if scores or settings there mean another thing, with what differs,
            or if none of its trials could be one of this sweep.
    """
    if sweep.learn_from is None:
        return ()
    folder = _folder(home, sweep.learn_from)
    there = parse_sweep(read_document(folder.spec.read_text(encoding="utf-8"), folder.spec.name).values)
    if different := [*_other_set(folder, evaluation_hash), *differences(there, sweep)]:
        raise InvalidInput(
            f"from {folder.name}: what its trials scored means another thing in this sweep. {'; '.join(different)}. "
            "Make them the same, or leave `from` out."
        )
    return _within(sweep, _ended(folder, there), folder.name)


def learned_points(sweep: Sweep, place: StudyPlace | None, name: str, earlier: Sequence[FrozenTrial]) -> tuple[FrozenTrial, ...]:
    """What a sweep learns from beside its own trials, kept beside its study.

    So it goes on with what it began with, whatever became of the earlier sweep.

    Args:
        earlier: what it begins with; of no account where it is kept already.
    """
    if sweep.learn_from is None:
        return ()
    study = open_study(place, f"{name}, from {sweep.learn_from}", [objective.mode for objective in sweep.objectives])
    kept = study.get_trials(deepcopy=False)
    study.add_trials([_kept(point) for point in earlier[len(kept) :]])  # a driver may have died in the middle of it
    return tuple(points(study.get_trials(deepcopy=False)))


def _folder(home: Path, name: str) -> SweepFolder:
    try:
        folder = find_folder(home, name)
    except InvalidInput as error:
        raise InvalidInput(f"from {name}: {error}") from None
    if not folder.spec.is_file():
        raise InvalidInput(f"from {name}: its sweep file, {folder.spec}, is gone. Bring it back, or leave `from` out.")
    return folder


def _other_set(folder: SweepFolder, evaluation_hash: str | None) -> list[str]:
    there = read_status(folder.status).evaluation_hash
    if evaluation_hash is None or there == evaluation_hash:
        return []
    return [f"evaluation set: there {there or 'none'}, here {evaluation_hash}"]


def _ended(folder: SweepFolder, there: Sweep) -> list[FrozenTrial]:
    trials = own_trials(frozen_trials(study_place(there.study.storage, folder.journal), folder.name))
    return [point for point in points(trials, there.repeat) if point.state in ENDED]


def _within(sweep: Sweep, ended: Sequence[FrozenTrial], name: str) -> tuple[FrozenTrial, ...]:
    here = distributions(sweep.dimensions)
    found = tuple(_as_here(point, here) for point in ended if _lies_within(sweep, point.params))
    if not found:
        raise InvalidInput(
            f"from {name}: none of its {len(ended)} ended trials lies in this sweep's search space. "
            "Widen the search, or leave `from` out."
        )
    return found


def _lies_within(sweep: Sweep, params: Mapping[str, Any]) -> bool:
    active = {key for key, dimension in sweep.dimensions.items() if holds(dimension.when, params)}
    return active <= set(params) and all(within(sweep.dimensions[key], params[key]) for key in active)


def _as_here(point: FrozenTrial, here: Mapping[str, BaseDistribution]) -> FrozenTrial:
    """The same point in the terms of this sweep's space; for NSGA-II it is of the first generation."""
    point.params = {key: value for key, value in point.params.items() if key in here}
    point.distributions = {key: here[key] for key in point.params}
    point.system_attrs = {**point.system_attrs, GENERATION: 0}
    return point


def _kept(point: FrozenTrial) -> FrozenTrial:
    return create_trial(
        state=point.state,
        values=point.values,
        params=point.params,
        distributions=point.distributions,
        intermediate_values=point.intermediate_values,
        system_attrs=point.system_attrs,
    )
