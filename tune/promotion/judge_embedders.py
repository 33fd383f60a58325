"""The best trials of a sweep of models that embed, against the champion and what costs no training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from tune.ledger.home import SweepFolder, decoded_store
from tune.ledger.standing import repeats_of
from tune.ledger.status import TrialStatus
from tune.models.loaded_model import LoadedModel
from tune.models.matcher_model import choices_of
from tune.promotion.contenders import Candidate, Contender, champion_contender, checkpoint_of, read_contender, readable
from tune.promotion.contest import Arena, Contest, hold_contests
from tune.promotion.decision import best_contest
from tune.promotion.ended_sweep import EndedSweep
from tune.promotion.judgement import Judgement, audio_and_corpus
from tune.promotion.recordings import known_by_card
from tune.promotion.request import Request
from tune.promotion.retraining import retrained
from tune.told_steps import Tell


def judge_embedders(home: Path, ended: EndedSweep, trials: Sequence[TrialStatus], request: Request, tell: Tell) -> Judgement:
    """All on the same takes.

    Raises:
        InvalidInput: a checkpoint is gone, the champion hears otherwise, or nothing to judge by. InputError: known recordings.
    """
    candidates, model = [_candidate(ended.folder, trial) for trial in trials], ended.champion()
    champion = champion_contender(ended.before, model, candidates[0].config) if model else None
    arena = _arena(home, ended, model, request)
    tell(f"judging {len(candidates)} trials on {len(arena.corpus.recordings)} recordings, {len(arena.seeds)} times")
    contests, evaluation_hash = hold_contests(arena, candidates, champion)
    winner = best_contest(contests)
    candidate = next(one for one in candidates if one.number == winner.candidate.number)
    trial = next(one for one in trials if one.number == candidate.number)
    if siblings := _siblings(home, ended, candidate, trial, request, tell):
        tell(f"judging {len(siblings)} more models with the settings of trial {trial.number}")
        (winner,), _ = hold_contests(arena, [replace(candidate, siblings=siblings)], champion)
    names = tuple(sorted(recording.name for recording in arena.corpus.recordings))
    remarks = tuple(_remarks(ended, model, winner))
    return Judgement(contests, winner, ended.sweep.objective.metric, evaluation_hash, names, remarks)


def _candidate(folder: SweepFolder, trial: TrialStatus) -> Candidate:
    checkpoint = checkpoint_of(folder, trial.number)
    config, contender = read_contender(f"trial {trial.number}", checkpoint)
    return Candidate(trial.number, config, checkpoint, contender)


def _arena(home: Path, ended: EndedSweep, model: LoadedModel | None, request: Request) -> Arena:
    sweep = ended.sweep
    audio, corpus = audio_and_corpus(home, ended, [known_by_card(ended.before, model.card)] if model else [], request)
    theirs = choices_of(model.card) if model and "effects" in model.card else {}
    own = {name: choice for name, choice in choices_of(ended.card).items() if name not in theirs}
    choices = tuple((theirs | own).values())  # nobody wins by knowing few effects, or few settings of one, over who knows many
    settings = request.settings or sweep.evaluation.settings_per_effect
    seeds = tuple(sweep.seed + 1 + index for index in range(request.seeds))
    return Arena(corpus, audio, choices, sweep.objective.metric.removeprefix("eval/"), settings, seeds)


def _siblings(
    home: Path, ended: EndedSweep, winner: Candidate, trial: TrialStatus, request: Request, tell: Tell
) -> tuple[Contender, ...]:
    """Models with the winner's settings and other seeds: the sweep's own repeats, and those that are trained now."""
    repeats = readable(ended.folder, tuple(one.number for one in repeats_of(ended.status, trial)))
    if not request.retrain:
        return repeats
    return (*repeats, *retrained(ended.sweep, winner, request.retrain, decoded_store(home), ended.status.corpus_id, tell))


def _remarks(ended: EndedSweep, model: LoadedModel | None, winner: Contest) -> Iterator[str]:
    if model is None:
        return
    if not model.heard_recordings():
        yield f"The card of {ended.before} does not tell which recordings it was trained on: it may know these."
    ours, theirs = choices_of(ended.card), choices_of(model.card) if "effects" in model.card else {}
    if others := sorted(name for name, choice in theirs.items() if ours.get(name, choice) != choice):
        yield f"All were judged on {', '.join(others)} as {ended.before} knows it, which the sweep drew with other settings."
    known = sorted(set(model.metadata["trained_effects"]) & set(winner.candidate.config.held_out_effects))
    if known and ended.sweep.objective.metric.startswith("eval/unseen"):
        yield f"{ended.before} was trained on {', '.join(known)}, which the winner never heard: that favours {ended.before}."
