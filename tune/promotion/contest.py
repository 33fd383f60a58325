"""A contest: a candidate, the champion and controls, all scored on the same takes, over several draws of settings and clips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from trainables.configs import AudioConfig, EvaluationConfig, TrialConfig
from trainables.corpus.corpus import Corpus
from trainables.digests import digest
from trainables.effects.selection import EffectChoice
from trainables.evaluation.evaluation import outcome_of
from trainables.evaluation.evaluation_set import EvaluationSet, evaluation_hash
from trainables.evaluation.judged_audio import JudgedAudio, render_judged
from trainables.evaluation.outcomes import Outcome, pooled
from trainables.evaluation.skill import skill_outcomes
from trainables.rendering.blocks import InlineSource
from trainables.rendering.rendering import make_plan
from trainables.training.judge import reconstruct
from trainables.training.trainable import CheckpointFile
from tune.errors import InvalidInput
from tune.evaluation.evaluation_controls import untrained_controls
from tune.promotion.contenders import Candidate, Contender, Embeddings

DO_NOTHING = "copying the dry clip"
SKILL = "skill/mean"
GAIN, ACCURACY = "unseen_gain", "unseen_accuracy"


@dataclass(frozen=True)
class Arena:
    """What all are judged on.

    Attributes:
        corpus: recordings that no contender knows.
        choices: the effects.
        score: the objective, without its `eval/`.
        settings: random ones of each effect, each on two recordings, for each seed.
        seeds: of settings and clips.
    """

    corpus: Corpus
    audio: AudioConfig
    choices: tuple[EffectChoice, ...]
    score: str
    settings: int
    seeds: tuple[int, ...]


class Entrant(Protocol):
    """A trial that competes, of whatever kind."""

    @property
    def number(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def config(self) -> TrialConfig: ...
    @property
    def checkpoint(self) -> CheckpointFile: ...


@dataclass(frozen=True)
class Contest:
    """What came out for one candidate: each score pooled over the seeds, all over the same items.

    Attributes:
        champion: None if there is none, or if it has no such score.
        each_seed: the candidate's and the champion's score (0 without one), seed by seed.
    """

    candidate: Entrant
    ours: Outcome
    champion: Outcome | None
    controls: Mapping[str, Outcome]
    siblings: tuple[Outcome, ...]
    each_seed: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class _Judged:
    """One seed's scores of one candidate's contest, by name."""

    scores: Mapping[str, Outcome]
    controls: Mapping[str, Outcome]


CANDIDATE, CHAMPION, SIBLING = "candidate", "champion", "sibling "


def hold_contests(arena: Arena, candidates: Sequence[Candidate], champion: Contender | None) -> tuple[tuple[Contest, ...], str]:
    """Every candidate's contest, and the evaluation hash of the takes of all seeds."""
    rounds: dict[int, list[_Judged]] = {one.number: [] for one in candidates}
    hashes = []
    for seed in arena.seeds:
        config = _asked(arena, candidates[0].config)
        plan = make_plan(arena.corpus, arena.audio, config.front_end, arena.choices, seed)
        hashes.append(evaluation_hash(plan, config))
        judged = render_judged(config, InlineSource(arena.corpus, plan))
        at_hand = {} if champion is None else {CHAMPION: (champion, champion.embed(judged))}
        for one in candidates:
            rounds[one.number].append(_round(arena, one, judged, at_hand))
    return tuple(_contest(one, rounds[one.number]) for one in candidates), digest(hashes)


def _asked(arena: Arena, config: TrialConfig) -> TrialConfig:
    names = tuple(choice.name for choice in arena.choices)
    return replace(config, evaluation=EvaluationConfig(settings_per_effect=arena.settings), effects=names)


def _round(
    arena: Arena, candidate: Candidate, judged: JudgedAudio, at_hand: Mapping[str, tuple[Contender, Embeddings]]
) -> _Judged:
    config, asked = candidate.config, judged.as_spectrograms
    siblings = {f"{SIBLING}{index}": sibling for index, sibling in enumerate(candidate.siblings)}
    own = {name: (one, one.embed(judged)) for name, one in ({CANDIDATE: candidate.contender} | siblings).items()}
    controls = _controls(arena.score, config, asked)
    reference = (
        _outcome(ACCURACY, untrained_controls(config, asked)["untrained"], None, config, asked) if arena.score == GAIN else None
    )
    scored = {name: _outcome(arena.score, values, one, config, asked) for name, (one, values) in {**own, **at_hand}.items()}
    known = {name: outcome for name, outcome in scored.items() if outcome is not None}
    if CANDIDATE not in known:
        raise InvalidInput(f"{candidate.contender.name}: has no score {arena.score} here. Judge by another sweep's objective.")
    return _Judged(_above(known, reference), _above(controls, reference))


def _outcome(score: str, values: Embeddings, one: Contender | None, config: TrialConfig, asked: EvaluationSet) -> Outcome | None:
    if score != SKILL:
        return outcome_of(ACCURACY if score == GAIN else score, values, asked, config.held_out_effects)
    if one is None or one.vae is None:
        return None
    return skill_outcomes(reconstruct(one.vae, values.astype("float32"), asked), asked)[SKILL]


def _controls(score: str, config: TrialConfig, asked: EvaluationSet) -> dict[str, Outcome]:
    if score == SKILL:
        return {DO_NOTHING: skill_outcomes(asked.dry, asked)[SKILL]}
    made = {name: _outcome(score, values, None, config, asked) for name, values in untrained_controls(config, asked).items()}
    return {name: outcome for name, outcome in made.items() if outcome is not None}


def _above(outcomes: Mapping[str, Outcome], reference: Outcome | None) -> dict[str, Outcome]:
    """What each is above the reference, item by item."""
    if reference is None:
        return dict(outcomes)
    return {name: replace(one, parts=one.parts - reference.parts) for name, one in outcomes.items()}


def _contest(candidate: Candidate, rounds: Sequence[_Judged]) -> Contest:
    names, controls = set(rounds[0].scores), rounds[0].controls
    scores = {name: pooled([one.scores[name] for one in rounds]) for name in names}
    return Contest(
        candidate,
        scores[CANDIDATE],
        scores.get(CHAMPION),
        {name: pooled([one.controls[name] for one in rounds]) for name in controls},
        tuple(scores[name] for name in sorted(names) if name.startswith(SIBLING)),
        tuple((one.scores[CANDIDATE].value, one.scores[CHAMPION].value if CHAMPION in names else 0.0) for one in rounds),
    )
