"""The page "Early stopping": who was stopped where, what that saved, and whether the trials' ends justify it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trainables.diagnosis.check import counted, listed
from tune.analysis.rung_correlations import FEWEST_TRIALS, RungCorrelation, rung_correlations, sweep_rungs
from tune.ledger.status import TrialStatus
from tune.pages.curves_figure import curves_figure, rungs_figure
from tune.pages.material import Material
from tune.pages.shell import Figure, Page, Section, Table
from tune.search.curves import Curve, shown_time

FILE = "early_stopping.html"
HOW = (
    "At a rung a trial's score is compared with those of the trials that came there before it; the worse ones are stopped.",
    "Rank correlation (Spearman 1904) tells whether trials end in the order in which they stood at a rung: 1 is the same order, "
    "0 no relation. Only trials that came to their own end have an end. Those had passed the rung, so all were good there, which "
    "makes ranks hard to keep: over all trials, stopped ones too, the correlation is likely higher. Intervals are a bootstrap "
    "over trials.",
)


@dataclass(frozen=True)
class Rung:
    """One rung.

    Attributes:
        time: in the scheduler's unit.
        came, stopped: how many trials reached it, and were stopped there.
        best_place: of the sweep's best trial among those that reached it, from 1; None if it has none.
        correlation: with the ends; None where too few went on.
    """

    time: float
    came: int
    stopped: int
    best_place: int | None
    correlation: RungCorrelation | None


def stopping_page(material: Material) -> Page | None:
    """None where no trial has reported yet, or nothing stops trials."""
    curves = stopping_curves(material)
    if not curves or material.sweep.scheduler.type == "none":
        return None
    rungs = stopping_rungs(material)
    with_ends = [rung.correlation for rung in rungs if rung.correlation]
    sections = [Section("The rungs", (_table(material, rungs),))] if rungs else []
    if with_ends:
        caption = (
            "Each dot is a trial that came to its own end. Above it the rank correlation: the higher, the better the rung told."
        )
        caption += material.left_out
        ended = _ended_curves(material, curves)
        drawn = Figure(rungs_figure(material, with_ends, ended), caption)
        sections.append(Section("Did the rungs tell the end?", (drawn,)))
    return Page(
        file=FILE,
        title="Early stopping",
        question="Which trials were stopped early, and was that right?",
        basis=_rule(material),
        answer=tuple(_answer(material, rungs)),
        first=(
            Figure(
                curves_figure(material, curves, [rung.time for rung in rungs]),
                f"Point at a line for its trial.{material.left_out}",
            ),
        ),
        sections=(*sections, Section("How to read this", HOW)),
    )


def stopping_curves(material: Material) -> dict[int, Curve]:
    """The curves as the scheduler sees them, of trials with values."""
    by_epochs = material.sweep.scheduler.unit == "epochs"
    found = {number: course.by_epochs if by_epochs else course.by_seconds for number, course in material.courses.items()}
    return {number: curve for number, curve in found.items() if curve.values}


def stopping_rungs(material: Material) -> list[Rung]:
    """What happened at each."""
    curves = stopping_curves(material)
    ended = _ended_curves(material, curves)
    times = sweep_rungs(material.sweep, curves.values())
    correlations = {found.rung: found for found in rung_correlations(times, ended.values(), material.sweep.seed)}
    stopped = [_last_rung(curves[trial.number], times) for trial in material.status.trials if _was_stopped(trial, curves)]
    best = material.status.best()
    return [
        Rung(
            time,
            sum(curve.at(time) is not None for curve in curves.values()),
            stopped.count(time),
            _place(material, curves, best, time) if best else None,
            correlations.get(time),
        )
        for time in times
    ]


def _ended_curves(material: Material, curves: dict[int, Curve]) -> dict[int, Curve]:
    complete = [trial.number for trial in material.status.trials if trial.state == "complete"]
    return {number: curves[number] for number in complete if number in curves}


def _was_stopped(trial: TrialStatus, curves: dict[int, Curve]) -> bool:
    return trial.state == "pruned" and trial.number in curves


def _last_rung(curve: Curve, times: Sequence[float]) -> float | None:
    return max((time for time in times if time <= curve.times[-1]), default=None)


def _place(material: Material, curves: dict[int, Curve], best: TrialStatus, time: float) -> int | None:
    own = curves[best.number].at(time) if best.number in curves else None
    if own is None:
        return None
    others = [value for curve in curves.values() if (value := curve.at(time)) is not None]
    return 1 + sum(material.sign * value > material.sign * own for value in others)


def _rule(material: Material) -> str:
    scheduler = material.sweep.scheduler
    unit = "epochs" if scheduler.unit == "epochs" else "seconds of a trial's own work"
    if scheduler.type == "median":
        return (
            f"The median rule, from {material.sweep.grace:g} {unit} on: a trial worse than the median of the others is stopped."
        )
    goes_on = f"of {scheduler.reduction} trials at a rung one goes on"
    return f"Asynchronous successive halving: rungs from {material.sweep.grace:g} {unit} on, {goes_on} (Li et al. 2018)."


def _answer(material: Material, rungs: Sequence[Rung]) -> list[str]:
    trials, most = material.status.trials, material.sweep.train.max_epochs
    stopped = [trial for trial in trials if trial.state == "pruned"]
    trained = sum(trial.epochs for trial in trials)
    if not stopped:
        return [f"No trial was stopped early{' so far' if material.running else ''}.", *_best(material, rungs)]
    saved = sum(most - trial.epochs for trial in stopped)
    share = 100 * saved / max(1, trained + saved)
    were = f"{len(stopped)} of {counted(len(trials), 'trial')} {'was' if len(stopped) == 1 else 'were'} stopped early"
    more = f"{counted(saved, 'epoch')} more"
    told = [f"{were}; to the end that would have taken up to {more}, {share:.0f}\u00a0% of all."]
    return [*told, _justified(rungs), *_best(material, rungs)]


def _justified(rungs: Sequence[Rung]) -> str:
    known = [rung.correlation for rung in rungs if rung.correlation]
    if not known:
        return f"Whether that was right cannot be told: fewer than {FEWEST_TRIALS} trials went on beyond a rung to their own end."
    sure = [found for found in known if found.low > 0]
    if not sure:
        first = known[0]
        return (
            f"Whether that was right cannot be told yet: the rank correlation between the first rung and the end is "
            f"{first.value:.2f} ({first.low:.2f} to {first.high:.2f}) over {first.trials} trials."
        )
    told = [f"{shown_time(found.rung, found.unit)}: {found.value:.2f} ({found.low:.2f} to {found.high:.2f})" for found in sure]
    return f"Trials that were ahead at a rung also ended ahead: rank correlations with the end by rung are {listed(told)}."


def _best(material: Material, rungs: Sequence[Rung]) -> list[str]:
    places = [(rung, rung.best_place) for rung in rungs if rung.best_place is not None]
    best = material.status.best()
    if not places or best is None:
        return []
    unit = material.sweep.scheduler.unit
    told = [f"{place} of {rung.came} at rung {shown_time(rung.time, unit)}" for rung, place in places]
    return [f"Trial {best.number}, the best, stood at place {listed(told)}."]


def _table(material: Material, rungs: Sequence[Rung]) -> Table:
    unit = material.sweep.scheduler.unit
    headings = (
        f"rung ({unit})",
        "trials that came",
        "stopped there",
        "place of the best",
        "rank correlation with the end",
        "of trials",
    )
    return Table(headings, tuple(_row(rung) for rung in rungs))


def _row(rung: Rung) -> tuple[object, ...]:
    found = rung.correlation
    told = (f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f})", found.trials) if found else ("-", "-")
    return (f"{rung.time:g}", rung.came, rung.stopped, rung.best_place or "-", *told)
