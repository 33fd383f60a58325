"""`fxsweep promote`: the best trials of a sweep against the champion, and what follows from it in the registry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tune.errors import InvalidInput
from tune.ledger.home import SweepFolder, decoded_store
from tune.ledger.standing import repeats_of, top_trials
from tune.ledger.status import TrialStatus
from tune.models.loaded_model import LoadedModel
from tune.models.matcher_model import choices_of
from tune.promotion.contenders import Candidate, Contender, champion_contender, checkpoint_of, read_contender, readable
from tune.promotion.contest import Arena, Contest, hold_contests
from tune.promotion.decision import Decision, best_contest, decide, findings
from tune.promotion.ended_sweep import EndedSweep, read_ended
from tune.promotion.recordings import given_corpus, kept_corpus, kept_recordings, known_by_card
from tune.promotion.registration import Registration, Version, carry_out
from tune.promotion.retraining import retrained
from tune.told_steps import Tell, untold

FEWEST_SEEDS = 2


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes:
        top: how many trials compete.
        seeds: draws of settings and clips that each is judged on.
        audio: a folder of recordings; None for those that were kept from the sweep.
        settings: random ones of each effect, for each seed; None for as many as the sweep's evaluation set has.
        retrain: how many more models are trained with the winner's settings, to learn the seed noise.
        force: makes the winner champion whatever comes out.
    """

    top: int = 3
    seeds: int = 3
    audio: str | None = None
    settings: int | None = None
    retrain: int = 0
    force: bool = False


@dataclass(frozen=True)
class Promotion:
    """What came of it.

    Attributes:
        before: the champion until now, as `NAME version N`; "" if there was none.
        decision: None where nothing was judged.
        contests: one for each candidate that was judged.
        recordings: names of those that all were judged on.
        remarks: sentences on what makes the champion look better than it is.
    """

    sweep: str
    score: str
    registered: Registration
    before: str
    decision: Decision | None = None
    contests: tuple[Contest, ...] = ()
    evaluation_hash: str = ""
    recordings: tuple[str, ...] = ()
    seeds: int = 0
    remarks: tuple[str, ...] = ()


def promote(home: Path, name: str, request: Request, tracking_uri: str | None = None, tell: Tell = untold) -> Promotion:
    """Judges the best trials of a sweep on recordings that nobody knows, and registers the winner.

    Raises:
        InvalidInput: no such sweep, it runs, nothing to judge, or nothing to judge by. InputError: recordings that are known.
        InfrastructureLost: the registry doesn't answer.
    """
    if request.seeds < FEWEST_SEEDS:
        rule = f"how much is chance is seen between draws, so at least {FEWEST_SEEDS} are needed"
        raise InvalidInput(f"--seeds {request.seeds}: {rule}. Raise it.")
    ended = read_ended(home, name, tracking_uri)
    trials = top_trials(ended.status, request.top)
    if not trials:
        raise InvalidInput(f"sweep '{name}': none of its trials is complete, so there is nothing to promote. Extend it.")
    if ended.sweep.trainable == "matcher":
        return _unjudged(ended, trials[0], request, "matchers are not judged here, but by `fxsweep evaluate`")
    if request.force and request.audio is None and not kept_recordings(ended.card):
        return _unjudged(ended, trials[0], request, "no recordings were kept from the sweep to judge it by")
    return _judged(home, ended, trials, request, tell)


def _unjudged(ended: EndedSweep, trial: TrialStatus, request: Request, why: str) -> Promotion:
    if not request.force:
        raise InvalidInput(f"sweep '{ended.name}': {why}. To make its best trial champion without evidence: --force")
    checkpoint = checkpoint_of(ended.folder, trial.number)
    return _result(ended, carry_out(ended.tracking, ended.sweep.model_name, ended.card, trial, checkpoint, forced=why))


def _judged(home: Path, ended: EndedSweep, trials: Sequence[TrialStatus], request: Request, tell: Tell) -> Promotion:
    candidates, model = [_candidate(ended.folder, trial) for trial in trials], ended.champion()
    champion = champion_contender(ended.before, model, candidates[0].config) if model else None
    arena = _arena(home, ended, model, request)
    tell(f"judging {len(candidates)} trials on {len(arena.corpus.recordings)} recordings, {len(arena.seeds)} times")
    contests, evaluation_hash = hold_contests(arena, candidates, champion)
    winner = best_contest(contests)
    trial = next(one for one in trials if one.number == winner.candidate.number)
    if siblings := _siblings(home, ended, winner.candidate, trial, request, tell):
        tell(f"judging {len(siblings)} more models with the settings of trial {trial.number}")
        (winner,), _ = hold_contests(arena, [replace(winner.candidate, siblings=siblings)], champion)
    reigns = ended.entry is not None and ended.entry.run_id == trial.run_id  # nobody beats himself
    rivalled = replace(winner, champion=None) if reigns else winner
    decision = decide(rivalled, len(candidates), "" if reigns else ended.before)
    return replace(
        _result(ended, _registered(ended, trial, decision, evaluation_hash, request.force)),
        decision=decision,
        contests=contests,
        evaluation_hash=evaluation_hash,
        recordings=tuple(sorted(recording.name for recording in arena.corpus.recordings)),
        seeds=request.seeds,
        remarks=tuple(_remarks(ended, model, winner)),
    )


def _candidate(folder: SweepFolder, trial: TrialStatus) -> Candidate:
    checkpoint = checkpoint_of(folder, trial.number)
    config, contender = read_contender(f"trial {trial.number}", checkpoint)
    return Candidate(trial.number, config, checkpoint, contender)


def _arena(home: Path, ended: EndedSweep, model: LoadedModel | None, request: Request) -> Arena:
    sweep, champion = ended.sweep, [known_by_card(ended.before, model.card)] if model else []
    if request.audio is None:
        audio = sweep.audio
        corpus = kept_corpus(audio, sweep.seed, decoded_store(home), kept_recordings(ended.card), champion)
    else:
        audio = replace(sweep.audio, path=request.audio, add_synthetic=False, promotion_share=0.0)
        trials = known_by_card(f"the trials of sweep {ended.name}", ended.card)
        corpus = given_corpus(audio, sweep.seed, [trials, *champion])
    theirs = choices_of(model.card) if model and "effects" in model.card else {}
    choices = tuple((theirs | choices_of(ended.card)).values())  # who knows few effects does not win by it over who knows many
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


def _registered(ended: EndedSweep, trial: TrialStatus, decision: Decision, evaluation_hash: str, force: bool) -> Registration:
    if ended.entry is not None and ended.entry.run_id == trial.run_id:
        return Registration("already champion", Version(ended.entry.name, str(ended.entry.version), trial.number))
    why_not = "; ".join(decision.why_not)
    found = f"{findings(decision, ended.before)} (evaluation {evaluation_hash})"
    checkpoint, earned = decision.winner.candidate.checkpoint, decision.verdict == "promoted"
    evidence, forced = evaluation_hash if earned else "", why_not if force and not earned else ""
    return carry_out(
        ended.tracking, ended.sweep.model_name, ended.card, trial, checkpoint, evidence=evidence, forced=forced, found=found
    )


def _result(ended: EndedSweep, registered: Registration) -> Promotion:
    return Promotion(ended.name, ended.sweep.objective.metric, registered, ended.before)


def _remarks(ended: EndedSweep, model: LoadedModel | None, winner: Contest) -> Iterator[str]:
    if model is None:
        return
    if not model.heard_recordings():
        yield f"The card of {ended.before} does not tell which recordings it was trained on: it may know these."
    known = sorted(set(model.metadata["trained_effects"]) & set(winner.candidate.config.held_out_effects))
    if known and ended.sweep.objective.metric.startswith("eval/unseen"):
        yield f"{ended.before} was trained on {', '.join(known)}, which the winner never heard: that favours {ended.before}."
