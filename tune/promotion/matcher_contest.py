"""A contest of matchers: candidates, the champion and search alone, all on the same tasks whose answer is known.

The score is the share of the distance that is taken away, 1 less the ratio to doing nothing, so that more is better: 0 is
doing nothing, 1 is perfect. Each effect and mode counts alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from trainables.configs import TrialConfig
from trainables.corpus.corpus import Corpus
from trainables.digests import digest
from trainables.effects.effect import Effect
from trainables.evaluation.outcomes import Outcome, pooled
from trainables.matching.contenders import MATCHER, Contender, contenders
from trainables.matching.contest import Arena, Asked, Relation, draw_clips, make_item
from trainables.matching.matcher import Matcher
from trainables.matching.takes import MODES, Mode
from trainables.matching.tournament import Judge
from trainables.training.trainable import CheckpointFile
from tune.promotion.contest import Contest
from tune.told_steps import Tell, untold

NOTHING, SEARCH = "doing nothing", "search alone"
RELATIONS: tuple[Relation, ...] = ("same", "other")


@dataclass(frozen=True, eq=False)
class MatcherCandidate:
    """A trial that may become champion.

    Attributes:
        checkpoint: what it would be registered from.
        siblings: matchers with the same settings and other seeds.
    """

    number: int
    config: TrialConfig
    checkpoint: CheckpointFile
    matcher: Matcher
    siblings: tuple[Matcher, ...] = ()

    @property
    def name(self) -> str:
        return f"trial {self.number}"


@dataclass(frozen=True, eq=False)
class Ring:
    """What all are judged on.

    Attributes:
        corpus: recordings that no contender knows, at the matchers' rate.
        effects: by name. A matcher does nothing about one that it was not trained on.
        settings: tasks of each effect, for each seed.
        renders: that searches may spend.
    """

    corpus: Corpus
    effects: Mapping[str, Effect]
    settings: int
    seeds: tuple[int, ...]
    renders: int


@dataclass(frozen=True, eq=False)
class _Task:
    arena: Arena
    judge: Judge
    mode: Mode
    seed: tuple[int, ...]

    def left_by(self, contender: Contender, matcher: Matcher) -> float:
        """What is left of the distance after somebody who may ask that matcher."""
        asked = Asked(replace(self.arena, matcher=matcher), self.judge.item, self.mode)
        return self.judge.result(contender.answer(asked, _random(self))).distance


Player = Callable[[_Task], float]
"""What is left of the distance after it."""


def hold_matcher_contests(
    ring: Ring, candidates: Sequence[MatcherCandidate], champion: Matcher | None, tell: Tell = untold
) -> tuple[tuple[Contest, ...], str]:
    """Every candidate's contest, and the hash of the tasks of all seeds."""
    rounds = [list(_tasks(ring, seed, candidates[0].matcher)) for seed in ring.seeds]
    controls = {NOTHING: _played(rounds, _nothing), f"{SEARCH}, {ring.renders} renders": _played(rounds, _searcher(ring))}
    theirs = None if champion is None else _played(rounds, _player(champion))
    found = []
    for one in candidates:
        tell(f"judging {one.name} on {sum(map(len, rounds))} tasks")
        ours = _played(rounds, _player(one.matcher))
        siblings = tuple(pooled(_played(rounds, _player(sibling))) for sibling in one.siblings)
        each_seed = tuple((o.value, theirs[n].value if theirs else 0.0) for n, o in enumerate(ours))
        rival = None if theirs is None else pooled(theirs)
        told = {name: pooled(outcomes) for name, outcomes in controls.items()}
        found.append(Contest(one, pooled(ours), rival, told, siblings, each_seed))
    return tuple(found), _identity(ring)


def _tasks(ring: Ring, seed: int, hearing: Matcher) -> Iterator[_Task]:
    """Half with a reference of the same recording, half of another; each paired and blind."""
    for name, effect in ring.effects.items():
        arena = Arena(name, effect, hearing, ring.corpus.audio.sample_rate, ring.renders)
        random = np.random.default_rng([seed, int(digest(name), 16)])
        for number in range(ring.settings):
            clips = draw_clips(ring.corpus.recordings, hearing.hearing.clip_samples, RELATIONS[number % 2], random)
            judge = Judge(arena, make_item(arena, clips, random))
            for mode in MODES:
                yield _Task(arena, judge, mode, (seed, number, MODES.index(mode)))


def _played(rounds: Sequence[Sequence[_Task]], player: Player) -> list[Outcome]:
    """One outcome for each seed."""
    return [_outcome(tasks, np.array([player(task) for task in tasks])) for tasks in rounds]


def _outcome(tasks: Sequence[_Task], left: np.ndarray) -> Outcome:
    """Of every effect and mode the mean, whatever its distances are; then the mean of those."""
    untouched = np.array([task.judge.item.untouched for task in tasks])
    cells = np.array([f"{task.mode}/{task.arena.name}" for task in tasks])
    means = {cell: float(untouched[cells == cell].mean()) or 1.0 for cell in np.unique(cells)}
    scale = np.array([means[cell] for cell in cells])
    recordings = np.array([task.judge.item.recordings[0] for task in tasks])
    return Outcome((untouched - left) / scale, untouched / scale, recordings)


def _nothing(task: _Task) -> float:
    return task.judge.item.untouched


def _searcher(ring: Ring) -> Player:
    search = next(one for name, one in contenders(ring.renders).items() if name.startswith(SEARCH))
    return lambda task: task.left_by(search, task.arena.matcher)


def _player(matcher: Matcher) -> Player:
    """A matcher with its search, where it knows the effect."""

    def play(task: _Task) -> float:
        if task.arena.name not in matcher.effects:
            return task.judge.item.untouched
        return task.left_by(contenders(task.arena.renders)[MATCHER], matcher)

    return play


def _random(task: _Task) -> np.random.Generator:
    """The same for everybody."""
    return np.random.default_rng([*task.seed, int(digest(task.arena.name), 16)])


def _identity(ring: Ring) -> str:
    effects = {name: effect.identity for name, effect in ring.effects.items()}
    asked = {"settings": ring.settings, "seeds": list(ring.seeds), "renders": ring.renders}
    return digest({"corpus": ring.corpus.identity, "effects": effects, **asked})
