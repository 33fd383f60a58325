"""The best trials of a sweep of matchers, against the champion, search alone and doing nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from trainables.effects.effect import Effect
from trainables.effects.selection import EffectChoice, load_choice
from trainables.errors import InputError
from trainables.matching.matcher import Hearing, Matcher
from trainables.matching.matcher_file import kept_weights, matcher_of
from trainables.training.checkpoint import read_checkpoint
from tune.errors import InvalidInput
from tune.ledger.home import SweepFolder
from tune.ledger.standing import repeats_of
from tune.ledger.status import TrialStatus
from tune.models.matcher_model import LoadedMatcher, choices_of
from tune.promotion.contenders import checkpoint_of
from tune.promotion.decision import best_contest
from tune.promotion.ended_sweep import EndedSweep
from tune.promotion.judgement import Judgement, audio_and_corpus
from tune.promotion.matcher_contest import MatcherCandidate, Ring, hold_matcher_contests
from tune.promotion.recordings import known_by_card
from tune.promotion.request import Request
from tune.told_steps import Tell

SCORE = "share of the distance taken away"

Effects = Mapping[str, Effect]


def judge_matchers(home: Path, ended: EndedSweep, trials: Sequence[TrialStatus], request: Request, tell: Tell) -> Judgement:
    """All on the same tasks.

    Raises:
        InvalidInput: a checkpoint is gone, the champion hears otherwise, or nothing to judge by. InputError: known recordings,
            or an effect that cannot be loaded.
    """
    if request.retrain:
        raise InvalidInput(f"--retrain {request.retrain}: is not for matchers. Give the sweep `repeat: {1 + request.retrain}`.")
    choices = choices_of(ended.card)
    own = {name: load_choice(choice) for name, choice in choices.items()}
    candidates, model = [_candidate(ended.folder, trial, own) for trial in trials], ended.champion_matcher()
    if model:
        _refuse_other_settings(ended.before, model, choices)
    champion, theirs = _champion(ended.before, model, candidates[0].matcher.hearing, own) if model else (None, {})
    known = [known_by_card(ended.before, model.card)] if model else []
    _, corpus = audio_and_corpus(home, ended, known, request)
    seeds = tuple(ended.sweep.seed + 1 + index for index in range(request.seeds))
    settings = request.settings or ended.sweep.evaluation.settings_per_effect
    ring = Ring(corpus, theirs | own, settings, seeds, request.renders)
    contests, evaluation_hash = hold_matcher_contests(ring, candidates, champion, tell)
    winner = best_contest(contests)
    candidate = next(one for one in candidates if one.number == winner.candidate.number)
    trial = next(one for one in trials if one.number == candidate.number)
    if siblings := _siblings(ended, trial, own):
        tell(f"judging {len(siblings)} more matchers with the settings of {candidate.name}")
        (winner,), _ = hold_matcher_contests(ring, [replace(candidate, siblings=siblings)], champion, tell)
    names = tuple(sorted(recording.name for recording in corpus.recordings))
    return Judgement(contests, winner, SCORE, evaluation_hash, names)


def _candidate(folder: SweepFolder, trial: TrialStatus, effects: Effects) -> MatcherCandidate:
    checkpoint = checkpoint_of(folder, trial.number)
    config, state = read_checkpoint(checkpoint)
    matcher = matcher_of(config, {name: effects[name].parameters for name in config.trained_effects}, kept_weights(state))
    return MatcherCandidate(trial.number, config, checkpoint, matcher)


def _siblings(ended: EndedSweep, trial: TrialStatus, effects: Effects) -> tuple[Matcher, ...]:
    """Those of the sweep's repeats of the trial whose checkpoints are there and whole."""
    found = []
    for repeat in repeats_of(ended.status, trial):
        try:
            found.append(_candidate(ended.folder, repeat, effects).matcher)
        except (InvalidInput, InputError):
            continue
    return tuple(found)


def _refuse_other_settings(name: str, model: LoadedMatcher, choices: Mapping[str, EffectChoice]) -> None:
    """A matcher sets knobs within the ranges that it was trained for; within others its answers would mean something else."""
    for effect, known in model.kept.effects.items():
        if choices.get(effect, known.choice).knobs != known.choice.knobs:
            raise InvalidInput(
                f"{name}: the sweep draws the knobs of {effect} otherwise (effects.knobs) than it was trained for, so that they "
                "cannot be judged on the same tasks. Give the next sweep another model to register (registry.model)."
            )


def _champion(name: str, model: LoadedMatcher, hearing: Hearing, own: Effects) -> tuple[Matcher, dict[str, Effect]]:
    """The champion and the effects that it knows; of those that candidates know, too, the candidates' build.

    Raises:
        InvalidInput: it hears clips of another length or rate, or an effect has other knobs than it sets.
    """
    theirs = model.kept.matcher.hearing
    if theirs != hearing:
        raise InvalidInput(
            f"{name}: it hears {theirs.clip_samples} samples at {theirs.sample_rate} Hz and the sweep's trials "
            f"{hearing.clip_samples} at {hearing.sample_rate} Hz, so that they cannot be judged on the same tasks. "
            "Give the next sweep another model to register (registry.model)."
        )
    effects = {effect: own.get(effect) or load_choice(known.choice) for effect, known in model.kept.effects.items()}
    for effect, known in model.kept.effects.items():
        knobs = tuple(p.name for p in effects[effect].parameters if not p.frozen)
        if knobs != known.knobs:
            raise InvalidInput(
                f"{name}: it sets the knobs {', '.join(known.knobs)} of {effect}, which has {', '.join(knobs)} free here: "
                "they cannot be judged on the same tasks. Give the next sweep another model to register (registry.model)."
            )
    return model.kept.matcher, effects
