"""`fxsweep promote`: the best trials of a sweep against the champion, and what follows from it in the registry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tune.errors import InvalidInput
from tune.ledger.standing import top_trials
from tune.ledger.status import TrialStatus
from tune.promotion.attempts import Attempt, judged_so_far
from tune.promotion.contenders import checkpoint_of
from tune.promotion.contest import Contest
from tune.promotion.decision import Decision, decide
from tune.promotion.ended_sweep import EndedSweep, read_ended
from tune.promotion.judge_embedders import judge_embedders
from tune.promotion.judge_matchers import judge_matchers
from tune.promotion.judgement import Judgement
from tune.promotion.recordings import kept_recordings
from tune.promotion.registration import Registration, Version, carry_out
from tune.promotion.request import Request
from tune.promotion.ruling import Ruling, ruled
from tune.told_steps import Tell, untold

FEWEST_SEEDS, FEWEST_SETTINGS = 2, 4


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
    if request.settings is not None and request.settings < FEWEST_SETTINGS:
        raise InvalidInput(f"--settings {request.settings}: at least {FEWEST_SETTINGS} of each effect are needed. Raise it.")
    ended = read_ended(home, name, tracking_uri)
    trials = top_trials(ended.status, request.top)
    if not trials:
        raise InvalidInput(f"sweep '{name}': none of its trials is complete, so there is nothing to promote. Extend it.")
    if request.force and request.audio is None and not kept_recordings(ended.card):
        return _unjudged(ended, trials[0], "no recordings were kept from the sweep to judge it by")
    return _judged(home, ended, trials, request, tell)


def _unjudged(ended: EndedSweep, trial: TrialStatus, why: str) -> Promotion:
    checkpoint, ruling = checkpoint_of(ended.folder, trial.number), Ruling("forced", ended.version, ended.before, (why,))
    registered = carry_out(ended.tracking, ended.sweep.model_name, ended.card, trial, checkpoint, ruling)
    return Promotion(ended.name, ended.sweep.objective.metric, registered, ended.before)


def _judged(home: Path, ended: EndedSweep, trials: Sequence[TrialStatus], request: Request, tell: Tell) -> Promotion:
    judge = judge_matchers if ended.sweep.trainable == "matcher" else judge_embedders
    found = judge(home, ended, trials, request, tell)
    trial = next(one for one in trials if one.number == found.winner.candidate.number)
    reigns = ended.entry is not None and ended.entry.run_id == trial.run_id  # nobody beats himself
    rivalled = replace(found.winner, champion=None) if reigns else found.winner
    attempt = Attempt(str(ended.card.get("sweep_id", "")), found.evaluation_hash, tuple(one.number for one in trials))
    judged = judged_so_far(ended.tracking, ended.sweep.model_name, ended.version, attempt)
    decision = decide(rivalled, judged, "" if reigns else ended.before)
    registered = _registered(ended, trial, decision, found, request)
    return Promotion(
        ended.name,
        found.score,
        registered,
        ended.before,
        decision=replace(decision, why_not=registered.why_not or decision.why_not),
        contests=found.contests,
        evaluation_hash=found.evaluation_hash,
        recordings=found.recordings,
        seeds=request.seeds,
        remarks=(*found.remarks, *_judged_before(judged, len(trials))),
    )


def _registered(ended: EndedSweep, trial: TrialStatus, decision: Decision, found: Judgement, request: Request) -> Registration:
    if ended.entry is not None and ended.entry.run_id == trial.run_id:
        return Registration("already champion", Version(ended.entry.name, str(ended.entry.version), trial.number))
    ruling = ruled(decision, found, request.seeds, compared_with=ended.version, champion=ended.before, force=request.force)
    checkpoint = found.winner.candidate.checkpoint
    return carry_out(ended.tracking, ended.sweep.model_name, ended.card, trial, checkpoint, ruling)


def _judged_before(judged: int, now: int) -> Iterator[str]:
    if judged > now:
        more = judged - now
        told = f"{more} more candidate{'s were' if more > 1 else ' was'} judged against the same champion before"
        yield f"{told}: the intervals allow for them."
