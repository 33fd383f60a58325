"""What a sweep does next: a repeat, a point to try first, the next of a grid, or what the sampler proposes.

All of it follows from the sweep and the trials that its study has, so that a sweep that goes on from its journal does
what it would have done without the break.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, Trial, TrialState, create_trial

from tune.ledger.study import BESIDE, POINT, REASON, REJECTED, mark_infeasible, own_trials, quiet
from tune.search.optuna_space import distributions, suggest
from tune.search.points import by_point, infeasible_as_worst, is_infeasible, points, study_of, wants_repeat
from tune.search.repeats import SEED, point_key
from tune.search.samplers import GENERATION, make_sampler
from tune.space.conditions import holds, space_size
from tune.space.dimensions import Value, on_step
from tune.space.drawing import drawn_point, grid_points, held, neighbour
from tune.space.feasibility import feasible
from tune.space.settings import derived_values, why_not
from tune.sweep_file.spec import Sweep

MOST_ASKS = 20  # proposals that may not be, in a row, before chance takes over
MOST_ASKS_ANEW = 8  # for a point that no trial had
MOST_DRAWS = 500
TRIED = "tried"  # on a trial: which of the points to try first it is


@dataclass(frozen=True)
class Proposal:
    """A trial that has not begun: its parameters, and what its study notes beside them."""

    params: Mapping[str, Value]
    notes: Mapping[str, Any] = field(default_factory=dict)
    system: Mapping[str, Any] = field(default_factory=dict)  # what the sampler must find again


@dataclass(frozen=True)
class Proposer:
    """Begins the trials of a sweep.

    Attributes:
        learned: points of an earlier sweep that the sampler learns from, too.
    """

    sweep: Sweep
    learned: tuple[FrozenTrial, ...] = ()

    def begin(self, study: optuna.Study) -> Trial:
        """Begins the next trial in the study.

        A proposal that may not be is told as pruned under a constraint, so that the sampler avoids its like, and is no trial
        of the sweep. After MOST_ASKS of them one is drawn by chance.
        """
        with quiet():
            for _ in range(MOST_ASKS):
                history = study.get_trials(deepcopy=False)
                proposal = self.next(history, study.directions)
                reason = why_not(self.sweep, proposal.params)
                if not reason:
                    return self._begun(study, proposal)
                self._reject(study, proposal, reason)
            history = study.get_trials(deepcopy=False)
            return self._begun(study, self._as_next(history, self._by_chance(history)))

    def next(self, history: Sequence[FrozenTrial], directions: Sequence[StudyDirection]) -> Proposal:
        """What follows a history. It may be a point that the sweep does not allow."""
        begun = self._to_repeat(history)
        if begun is not None:
            again = Proposal(begun[0].params, {POINT: begun[0].number}, _generation(begun[0].system_attrs))
            return self._with_seed(history, again)
        if self.sweep.sampler.type == "grid" and not self._to_try(history):
            return self._as_next(history, Proposal(self._rarest(history)))
        return self._as_next(history, self._new(history, directions))

    def _as_next(self, history: Sequence[FrozenTrial], proposal: Proposal) -> Proposal:
        """The same as the first trial of a point."""
        tried = {TRIED: _count_tried(history)} if self._to_try(history) else {}
        repeated = {POINT: len(history)} if self.sweep.repeat > 1 else {}
        return self._with_seed(history, replace(proposal, notes={**proposal.notes, **tried, **repeated}))

    def _with_seed(self, history: Sequence[FrozenTrial], proposal: Proposal) -> Proposal:
        """Where points are repeated: the sweep's seed for the first trial of a point, and those that follow for the others."""
        if self.sweep.repeat == 1:
            return proposal
        same = sum(point_key(trial.params) == point_key(proposal.params) for trial in own_trials(history))
        return replace(proposal, notes={**proposal.notes, BESIDE: {SEED: self.sweep.seed + same}})

    def _to_repeat(self, history: Sequence[FrozenTrial]) -> Sequence[FrozenTrial] | None:
        """The trials of the first point of which there are to be more; none where nothing is repeated."""
        groups = by_point(own_trials(history)) if self.sweep.repeat > 1 else []
        return next((group for group in groups if wants_repeat(group, self.sweep.repeat)), None)

    def _to_try(self, history: Sequence[FrozenTrial]) -> Mapping[str, Value]:
        """The first of the points to try that was not tried yet; nothing without one."""
        return next(iter(self.sweep.try_first[_count_tried(history) :]), {}) if self.sweep.try_first else {}

    @cached_property
    def _distributions(self) -> dict[str, BaseDistribution]:
        return distributions(self.sweep.dimensions)

    @cached_property
    def _grid(self) -> list[dict[str, Value]]:
        return [point for point in grid_points(self.sweep.dimensions) if not why_not(self.sweep, point)]

    def _rarest(self, history: Sequence[FrozenTrial]) -> dict[str, Value]:
        """The first of the grid's points that were begun least often."""
        begun = Counter(point_key(group[0].params) for group in by_point(own_trials(history)))
        return min(self._grid, key=lambda point: begun[point_key(point)])

    def _new(self, history: Sequence[FrozenTrial], directions: Sequence[StudyDirection]) -> Proposal:
        """A proposal that no trial had, while there is one: the same settings would give the same numbers again.

        A sampler that insists on what is known is asked for less and less of what it prefers; then chance takes over, at
        first for one dimension of what the sampler wants.
        """
        own, learned = own_trials(history), [*self.learned, *points(history, self.sweep.repeat)]
        known = {point_key(trial.params) for trial in own if trial.state != TrialState.FAIL}
        asks = 1 if self.sweep.sampler.type == "gp" else MOST_ASKS_ANEW  # it answers the same as long as it knows the same
        proposals = (self._sampled(history, learned, directions, ask) for ask in range(asks))
        first, size = next(proposals), space_size(self.sweep.dimensions)
        if self._to_try(history) or (size is not None and len(known) >= size):
            return first
        random = np.random.default_rng(self._seed(history))
        near = (replace(first, params=neighbour(self.sweep.dimensions, first.params, random)) for _ in range(MOST_DRAWS))
        chance = (Proposal(drawn_point(self.sweep.dimensions, random)) for _ in range(MOST_DRAWS))
        return next((one for one in chain([first], proposals, near, chance) if point_key(one.params) not in known), first)

    def _sampled(
        self, history: Sequence[FrozenTrial], known: Sequence[FrozenTrial], directions: Sequence[StudyDirection], ask: int
    ) -> Proposal:
        """What the sampler proposes, from the points that it is to know, beside the values of a point to try.

        Args:
            ask: how often it was asked before for the same trial.
        """
        sampler = make_sampler(self.sweep.sampler, self._seed(history, ask), sum(map(is_infeasible, known)), ask)
        of_complete_points = self.sweep.sampler.type in ("gp", "nsga2")
        view = study_of(infeasible_as_worst(known, directions) if of_complete_points else known, directions, sampler)
        if fixed := self._to_try(history):
            view.enqueue_trial(dict(fixed))
        trial, params = view.ask(), dict[str, Value]()
        for key, distribution in self._distributions.items():
            dimension = self.sweep.dimensions[key]
            if holds(dimension.when, params):
                params[key] = on_step(dimension, suggest(trial, key, distribution))
        return Proposal(params, system=_generation(view.get_trials(deepcopy=False)[-1].system_attrs))

    def _seed(self, history: Sequence[FrozenTrial], ask: int = 0) -> int:
        again = [ask] if ask else []
        return int(np.random.SeedSequence([self.sweep.sampler.seed, len(history), *again]).generate_state(1)[0])

    def _by_chance(self, history: Sequence[FrozenTrial]) -> Proposal:
        """A point that may be, drawn by chance; where chance finds none, like one of those that planning found."""
        fixed = self._to_try(history)
        random = np.random.default_rng(self._seed(history))
        drawn = (drawn_point(held(self.sweep.dimensions, fixed), random) for _ in range(MOST_DRAWS))
        like = (drawn_point(held(self.sweep.dimensions, point), random) for point in feasible(self.sweep, fixed))
        return Proposal(next(point for point in chain(drawn, like) if not why_not(self.sweep, point)))

    def _begun(self, study: optuna.Study, proposal: Proposal) -> Trial:
        beside = {**proposal.notes.get(BESIDE, {}), **derived_values(self.sweep, proposal.params)}
        return _add(study, proposal, self._distributions, {BESIDE: beside} if beside else {})

    def _reject(self, study: optuna.Study, proposal: Proposal, reason: str) -> None:
        told = Proposal(proposal.params, system=proposal.system)
        trial = _add(study, told, self._distributions, {REJECTED: True, REASON: reason})
        mark_infeasible(trial)
        study.tell(trial, state=TrialState.PRUNED)


def _add(study: optuna.Study, proposal: Proposal, known: Mapping[str, BaseDistribution], notes: Mapping[str, Any]) -> Trial:
    """A running trial with these parameters."""
    trial = create_trial(
        state=TrialState.RUNNING,
        params=dict(proposal.params),
        distributions={key: known[key] for key in proposal.params},
        user_attrs={**proposal.notes, **notes},
        system_attrs=dict(proposal.system),
    )
    study.add_trial(trial)
    return Trial(study, study.get_trials(deepcopy=False)[-1]._trial_id)


def _count_tried(history: Sequence[FrozenTrial]) -> int:
    return sum(TRIED in trial.user_attrs for trial in own_trials(history))


def _generation(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in attributes.items() if key == GENERATION}
