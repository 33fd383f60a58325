"""`fxsweep promote`: the best trials of a sweep against the champion, and what follows from it in the registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tune.driver.liveness import driver_pid
from tune.errors import InvalidInput
from tune.ledger.home import SweepFolder, decoded_store, find_folder
from tune.ledger.settled import settled_status
from tune.ledger.standing import repeats_of, top_trials
from tune.ledger.status import SweepStatus, TrialStatus
from tune.models.aliases import Entry, champion_of
from tune.models.champion import read_card
from tune.models.loaded_model import LoadedModel
from tune.models.matcher_model import choices_of
from tune.models.registry import load_embedder
from tune.promotion.contenders import Candidate, Contender, champion_contender, checkpoint_of, read_contender, readable
from tune.promotion.contest import Arena, Contest, hold_contests
from tune.promotion.decision import Decision, best_contest, decide
from tune.promotion.recordings import given_corpus, kept_corpus, kept_recordings, known_by_card
from tune.promotion.registration import Registration, Version, carry_out
from tune.promotion.retraining import retrained
from tune.sweep_file.spec import Sweep, load_sweep
from tune.told_steps import Tell, untold
from tune.tracking.recorded_store import recorded_tracking
from tune.tracking.runs import connect, reaching
from tune.tracking.stores import Tracking, tracking_at


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
        contests: one for each candidate that was judged; none where the sweep's best was forced without evidence.
        recordings: names of those that all were judged on.
    """

    sweep: str
    score: str
    registered: Registration
    before: str
    decision: Decision | None
    contests: tuple[Contest, ...] = ()
    evaluation_hash: str = ""
    recordings: tuple[str, ...] = ()
    seeds: int = 0


@dataclass(frozen=True)
class _Ended:
    """A sweep that has ended, and the champion that its model would replace."""

    sweep: Sweep
    folder: SweepFolder
    status: SweepStatus
    card: Mapping[str, Any]
    tracking: Tracking
    entry: Entry | None

    @property
    def before(self) -> str:
        return "" if self.entry is None else f"{self.entry.name} version {self.entry.version}"


def promote(home: Path, name: str, request: Request, tracking_uri: str | None = None, tell: Tell = untold) -> Promotion:
    """Judges the best trials of a sweep on recordings that nobody knows, and registers the winner.

    Raises:
        InvalidInput: no such sweep, it runs, nothing to judge, or nothing to judge by. InputError: recordings that are known.
        InfrastructureLost: the registry doesn't answer.
    """
    ended = _ended(home, name, tracking_uri)
    trials = top_trials(ended.status, request.top)
    if not trials:
        raise InvalidInput(
            f"sweep '{name}': no trial of it is complete, so that there is nothing to promote. See: fxsweep status {name}"
        )
    if ended.sweep.trainable == "matcher":
        return _unjudged(ended, trials[0], request, "Matchers are judged by `fxsweep evaluate` only")
    if request.force and request.audio is None and not kept_recordings(ended.card):
        return _unjudged(ended, trials[0], request, "No recordings were kept from the sweep to judge by")
    if ended.entry is not None and [trial.run_id for trial in trials] == [ended.entry.run_id]:
        return _result(
            ended, Registration("already champion", Version(ended.entry.name, str(ended.entry.version), trials[0].number))
        )
    return _judged(home, ended, trials, request, tell)


def _ended(home: Path, name: str, tracking_uri: str | None) -> _Ended:
    folder = find_folder(home, name)
    if driver_pid(folder) is not None:
        raise InvalidInput(f"sweep '{name}': it is running. Wait for its end, or end it: fxsweep stop {name}")
    sweep = load_sweep(str(folder.spec))
    status = settled_status(folder, sweep)
    if (card := read_card(folder)) is None:
        raise InvalidInput(
            f"sweep '{name}': it had not come so far as to choose its best model. Go on with it: fxsweep resume {name}"
        )
    tracking = tracking_at(tracking_uri) if tracking_uri else recorded_tracking(sweep, status, home)
    client = connect(tracking)
    with reaching(tracking):
        entry = champion_of(client, sweep.model_name)
    return _Ended(sweep, folder, status, card, tracking, entry)


def _unjudged(ended: _Ended, trial: TrialStatus, request: Request, why: str) -> Promotion:
    if not request.force:
        raise InvalidInput(f"sweep '{ended.status.name}': {why}. Make its best trial champion without evidence: --force")
    checkpoint = checkpoint_of(ended.folder, trial.number)
    registered = carry_out(ended.tracking, ended.sweep.model_name, ended.card, trial, checkpoint, forced=f"{why}.")
    return _result(ended, registered)


def _judged(home: Path, ended: _Ended, trials: Sequence[TrialStatus], request: Request, tell: Tell) -> Promotion:
    candidates = [_candidate(ended.folder, trial) for trial in trials]
    champion, model = _champion(ended, candidates[0])
    arena = _arena(home, ended, model, request)
    tell(f"judging {len(candidates)} trials on {len(arena.corpus.recordings)} recordings, {len(arena.seeds)} times")
    contests, evaluation_hash = hold_contests(arena, candidates, champion)
    winner = best_contest(contests)
    trial = next(one for one in trials if one.number == winner.candidate.number)
    if siblings := _siblings(home, ended, winner.candidate, trial, request, tell):
        tell(f"judging {len(siblings)} more models with the settings of trial {trial.number}")
        (winner,), _ = hold_contests(arena, [replace(winner.candidate, siblings=siblings)], champion)
    decision = decide(winner, len(candidates), ended.before or None)
    registered = _registered(ended, trial, winner.candidate, decision, evaluation_hash, request.force)
    names = tuple(sorted(recording.name for recording in arena.corpus.recordings))
    return replace(
        _result(ended, registered), decision=decision, contests=contests, evaluation_hash=evaluation_hash, recordings=names,
        seeds=request.seeds,
    )  # fmt: skip


def _candidate(folder: SweepFolder, trial: TrialStatus) -> Candidate:
    checkpoint = checkpoint_of(folder, trial.number)
    config, contender = read_contender(f"trial {trial.number}", checkpoint)
    return Candidate(trial.number, config, checkpoint, contender)


def _champion(ended: _Ended, like: Candidate) -> tuple[Contender | None, LoadedModel | None]:
    if ended.entry is None:
        return None, None
    model = load_embedder(ended.tracking.uri, f"{ended.entry.name}/{ended.entry.version}")
    return champion_contender(ended.before, model, like.config), model


def _arena(home: Path, ended: _Ended, model: LoadedModel | None, request: Request) -> Arena:
    sweep, name = ended.sweep, f"the trials of sweep {ended.status.name}"
    champion = [known_by_card(ended.before, model.card)] if model else []
    if request.audio is None:
        audio = sweep.audio
        corpus = kept_corpus(audio, sweep.seed, decoded_store(home), kept_recordings(ended.card), champion)
    else:
        audio = replace(sweep.audio, path=request.audio, add_synthetic=False, promotion_share=0.0)
        corpus = given_corpus(audio, sweep.seed, [known_by_card(name, ended.card), *champion])
    theirs = choices_of(model.card) if model and "effects" in model.card else {}
    choices = tuple((theirs | choices_of(ended.card)).values())  # a model of few effects does not replace one of many for it
    seeds = tuple(sweep.seed + 1 + index for index in range(request.seeds))
    settings = request.settings or sweep.evaluation.settings_per_effect
    return Arena(corpus, audio, choices, sweep.objective.metric.removeprefix("eval/"), settings, seeds)


def _siblings(
    home: Path, ended: _Ended, winner: Candidate, trial: TrialStatus, request: Request, tell: Tell
) -> tuple[Contender, ...]:
    """Models with the winner's settings and other seeds: the sweep's own repeats, and those that are trained now."""
    repeats = readable(ended.folder, tuple(one.number for one in repeats_of(ended.status, trial)))
    if not request.retrain:
        return repeats
    return (*repeats, *retrained(ended.sweep, winner, request.retrain, decoded_store(home), ended.status.corpus_id, tell))


def _registered(
    ended: _Ended, trial: TrialStatus, winner: Candidate, decision: Decision, evaluation_hash: str, force: bool
) -> Registration:
    entry = ended.entry
    if entry is not None and entry.run_id == trial.run_id:
        return Registration("already champion", Version(entry.name, str(entry.version), trial.number))
    forced = "; ".join(decision.why_not) if force and decision.why_not else ""
    return carry_out(
        ended.tracking, ended.sweep.model_name, ended.card, trial, winner.checkpoint,
        evidence=evaluation_hash if decision.verdict == "promoted" else "", forced=forced, why_not="; ".join(decision.why_not),
    )  # fmt: skip


def _result(ended: _Ended, registered: Registration) -> Promotion:
    return Promotion(ended.status.name, ended.sweep.objective.metric, registered, ended.before, None)
