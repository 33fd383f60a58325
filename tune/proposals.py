"""What a sweep does next: a repeat, a point to try first, the next of a grid, or what the sampler proposes.

All of it follows from the sweep and the trials that its study has, so that a sweep that goes on from its journal does
what it would have done without the break.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial, Trial, TrialState, create_trial

from tune.conditions import holds
from tune.dimensions import Choice, Value, on_step
from tune.drawing import drawn_point, grid_points
from tune.feasibility import feasible
from tune.points import by_point, infeasible_as_worst, is_infeasible, points, study_of, wants_repeat
from tune.samplers import GENERATION, make_sampler
from tune.settings import SEED, derived_values, why_not
from tune.space import distributions, suggest
from tune.spec import Sweep
from tune.study import CONSTRAINT, POINT, REASON, REJECTED, quiet

MOST_ASKS = 20  # proposals that may not be, in a row, before chance takes over
MOST_DRAWS = 2000
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
        earlier: points of another sweep that the sampler learns from, too.
    """

    sweep: Sweep
    earlier: tuple[FrozenTrial, ...] = ()

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
            return self._begun(study, self._by_chance(study.get_trials(deepcopy=False)))

    def settings(self, trial: Trial) -> dict[str, Any]:
        """What a trial is told apart by: its parameters, what is computed from them, its seed where it has its own."""
        seed = {SEED: trial.user_attrs[SEED]} if SEED in trial.user_attrs else {}
        return {**trial.params, **derived_values(self.sweep, trial.params), **seed}

    def next(self, history: Sequence[FrozenTrial], directions: Sequence[Any]) -> Proposal:
        """What follows a history. It may be a point that the sweep does not allow."""
        trials = [trial for trial in history if REJECTED not in trial.user_attrs]
        waiting = next((group for group in by_point(trials) if wants_repeat(group, self.sweep.repeat)), None)
        if waiting is not None:
            notes = {POINT: waiting[0].number, **self._seed(trials, waiting[0].params)}
            return Proposal(waiting[0].params, notes, _generation(waiting[0].system_attrs))
        tried = sum(TRIED in group[0].user_attrs for group in by_point(trials))
        if tried < len(self.sweep.try_first):
            proposal = self._sampled(history, directions, self.sweep.try_first[tried])
            return self._noted(trials, len(history), proposal, {TRIED: tried})
        if self.sweep.sampler.type == "grid":
            return self._noted(trials, len(history), Proposal(self._rarest(trials)))
        return self._noted(trials, len(history), self._sampled(history, directions, {}))

    @cached_property
    def _distributions(self) -> dict[str, BaseDistribution]:
        return distributions(self.sweep.dimensions)

    @cached_property
    def _grid(self) -> list[dict[str, Value]]:
        return [point for point in grid_points(self.sweep.dimensions) if not why_not(self.sweep, point)]

    def _rarest(self, trials: Sequence[FrozenTrial]) -> dict[str, Value]:
        """The first of the grid's points that were begun least often."""
        begun = Counter(_key(group[0].params) for group in by_point(trials))
        return min(self._grid, key=lambda point: begun[_key(point)])

    def _sampled(self, history: Sequence[FrozenTrial], directions: Sequence[Any], fixed: Mapping[str, Value]) -> Proposal:
        """What the sampler proposes beside the fixed values, from the points of the history."""
        known = [*self.earlier, *points(history, self.sweep.repeat)]
        infeasible = sum(is_infeasible(point) for point in known)
        seed = int(np.random.SeedSequence([self.sweep.sampler.seed, len(history)]).generate_state(1)[0])
        sampler = make_sampler(self.sweep.sampler, seed, infeasible)
        view = study_of(infeasible_as_worst(known, directions) if self.sweep.sampler.type == "gp" else known, directions, sampler)
        if fixed:
            view.enqueue_trial(dict(fixed))
        trial, params = view.ask(), dict[str, Value]()
        for key, distribution in self._distributions.items():
            dimension = self.sweep.dimensions[key]
            if holds(dimension.when, params):
                params[key] = on_step(dimension, suggest(trial, key, distribution))
        return Proposal(params, system=_generation(view.get_trials(deepcopy=False)[-1].system_attrs))

    def _by_chance(self, history: Sequence[FrozenTrial]) -> Proposal:
        """A point that may be, drawn by chance; where chance finds none, the first of those that planning found."""
        trials = [trial for trial in history if REJECTED not in trial.user_attrs]
        tried = sum(TRIED in group[0].user_attrs for group in by_point(trials))
        first = tried < len(self.sweep.try_first)
        fixed = self.sweep.try_first[tried] if first else {}
        random = np.random.default_rng([self.sweep.sampler.seed, len(history)])
        draws = (self._drawn(fixed, random) for _ in range(MOST_DRAWS))
        found = (self._drawn(example, random) for example in feasible(self.sweep, fixed))
        params = next(point for point in chain(draws, islice(found, MOST_DRAWS)) if not why_not(self.sweep, point))
        return self._noted(trials, len(history), Proposal(params), {TRIED: tried} if first else {})

    def _drawn(self, fixed: Mapping[str, Value], random: np.random.Generator) -> dict[str, Value]:
        held = {key: Choice((value,), when=self.sweep.dimensions[key].when) for key, value in fixed.items()}
        return drawn_point({**self.sweep.dimensions, **held}, random)

    def _noted(
        self, trials: Sequence[FrozenTrial], number: int, proposal: Proposal, notes: Mapping[str, Any] | None = None
    ) -> Proposal:
        """The same, as the first trial of a point."""
        repeats = {POINT: number, **self._seed(trials, proposal.params)} if self.sweep.repeat > 1 else {}
        return Proposal(proposal.params, {**(notes or {}), **repeats}, proposal.system)

    def _seed(self, trials: Sequence[FrozenTrial], params: Mapping[str, Value]) -> dict[str, int]:
        """The sweep's seed for the first trial with these parameters, and those that follow for the others."""
        return {SEED: self.sweep.seed + sum(_key(trial.params) == _key(params) for trial in trials)}

    def _begun(self, study: optuna.Study, proposal: Proposal) -> Trial:
        chosen = {key: self._distributions[key] for key in proposal.params}
        study.add_trial(
            create_trial(
                state=TrialState.RUNNING,
                params=dict(proposal.params),
                distributions=chosen,
                user_attrs=dict(proposal.notes),
                system_attrs=dict(proposal.system),
            )
        )
        return Trial(study, study.get_trials(deepcopy=False)[-1]._trial_id)

    def _reject(self, study: optuna.Study, proposal: Proposal, reason: str) -> None:
        trial = self._begun(study, Proposal(proposal.params, {REJECTED: True, REASON: reason}, proposal.system))
        mark_infeasible(trial)
        study.tell(trial, state=TrialState.PRUNED)


def mark_infeasible(trial: Trial) -> None:
    """Tells every sampler of this study to avoid the like of a trial: it could not be, or did not fit into memory."""
    trial.set_user_attr(CONSTRAINT, 1.0)
    trial.set_constraint(CONSTRAINT, 1.0)


def _generation(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in attributes.items() if key == GENERATION}


def _key(params: Mapping[str, Value]) -> tuple[tuple[str, Value], ...]:
    return tuple(sorted(params.items()))
