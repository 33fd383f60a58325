"""The first page: the sweep's question, its answer and how sure it is, trials beside controls, the cost, what is next."""

from __future__ import annotations

from math import isfinite

from trainables.diagnosis.check import counted, listed
from trainables.evaluation.outcomes import Estimate
from trainables.rendering.render_counts import from_facts
from tune.analysis.leaderboard import leaderboard
from tune.analysis.score_columns import numbers_told
from tune.driver.console import clock
from tune.ledger.status import TrialStatus, count_states
from tune.pages.certainty import Certainty, certainty
from tune.pages.material import Material, control_of, estimate
from tune.pages.measures import Measure, setting_name, settings_text
from tune.pages.next_steps import next_steps
from tune.pages.shell import Figure, Page, Section, Table
from tune.pages.trial_figure import SHOWN, trial_figure
from tune.sweep_file.objective_section import MATCH_RATIO

FILE = "summary.html"
TITLE = "Summary"
MOST_ROWS = 200
STATES = {"failed": "has failed", "stopped": "was stopped", "complete": "is complete"}
WORDS = frozenset({"state", "held out", "mean ±sd (n)"})


def summary_page(material: Material, mattered: str = "") -> Page:
    """The page.

    Args:
        mattered: a sentence on which settings matter; "" where nobody knows yet.
    """
    found = trial_certainty(material)
    return Page(
        file=FILE,
        title=TITLE,
        question=_question(material),
        basis=_basis(material),
        answer=tuple(filter(None, (*_answer(material, found), mattered))),
        first=(Figure(trial_figure(material), _caption(material), _numbers(material, found)),) if material.ended else (),
        sections=(
            *([Section("All trials", (_table(material), _told_below(material)))] if material.status.trials else []),
            Section("What it cost", (_cost(material),)),
            Section("What to run next", (next_steps(material, found),)),
        ),
    )


def trial_certainty(material: Material) -> Certainty | None:
    """Of the ranked trials, where their scores have intervals."""
    scores = [score for trial in material.ranked if (score := estimate(trial, material.metric))]
    return certainty(scores, material.sign) if len(scores) == len(material.ranked) else None


def _question(material: Material) -> str:
    searched = [setting_name(key) for key in material.sweep.search] or ["setting"]
    most = "highest" if material.sign > 0 else "lowest"
    return f"Which {listed(searched)} {'reach' if len(searched) > 1 else 'reaches'} the {most} {material.measure.name}?"


def _basis(material: Material) -> str:
    status = material.status
    states = ", ".join(f"{count} {state}" for state, count in count_states(status.trials).items())
    state = "is still running" if material.running else STATES.get(status.state, f"is {status.state}")
    message = f" ({status.message})" if status.message else ""
    trials = f"{counted(len(status.trials), 'trial')} of {status.budget_trials}{f' ({states})' if states else ''}"
    return f"{trials}; the sweep {state}{message}."


def _answer(material: Material, found: Certainty | None) -> list[str]:
    best = material.status.best()
    if best is None or best not in material.ranked:
        return [_no_answer(material)]
    score = estimate(best, material.metric)
    told = told_estimate(score, material.measure) if score else "-"
    so_far = "So far the best" if material.running else "The best"
    reached = f"{material.measure.name} {told}{_controls(material, best)}"
    first = f"{so_far} is trial {best.number} ({settings_text(best.params)}): {reached}."
    return [first, _sureness(material, found)]


def _no_answer(material: Material) -> str:
    if material.running:
        return "No trial has ended with a score yet."
    failed = [trial for trial in material.status.trials if trial.state == "failed"]
    why = f": {len(failed)} failed, the first with '{failed[0].reason or 'no reason known'}'" if failed else ""
    return f"No trial has ended with a score{why}."


def told_estimate(score: Estimate, measure: Measure) -> str:
    """`55.7 % (51.4 to 60.2)`."""
    ends = f" ({measure.text(score.low)} to {measure.text(score.high)})" if score.low == score.low else ""
    return f"{measure.told(score.value)}{ends}"


def _controls(material: Material, best: TrialStatus) -> str:
    shown = (("untrained", "the untrained encoder"), ("pca", "PCA"))
    found = [(name, estimate(best, control_of(material.metric, control))) for control, name in shown]
    told = [f"{name} {material.measure.told(value.value)}" for name, value in found if value]
    if material.metric == MATCH_RATIO:
        return f"; doing nothing leaves {material.measure.told(1.0)}"
    return f"; beside it {listed(told)}" if told else ""


def _sureness(material: Material, found: Certainty | None) -> str:
    if found is None:
        return "How sure that is cannot be told: it takes three trials whose scores have intervals."
    likely, expected = found.likely(), found.expected[0]
    alone = f"It is really the best of them with a chance of {100 * found.chances[0]:.0f} %"
    others = [str(material.ranked[place].number) for place in likely if place]
    together = f"; one of trials {listed([str(material.ranked[0].number), *others])} is, with 80 %" if others else ""
    many = f"one of {len(likely)} trials is, with 80 %"
    told = together if len(others) <= 6 else f"; {many}"
    luck = f"The highest score of many is partly luck: on other recordings expect {told_estimate(expected, material.measure)}"
    return f"{alone}{told}. {luck}."


def _caption(material: Material) -> str:
    more, scores = len(material.ranked) - SHOWN, [estimate(trial, material.metric) for trial in material.ranked]
    sure = " Intervals are over recordings." if any(score and isfinite(score.low) for score in scores) else ""
    return f"The best trials first{f'; {more} more are in the table below' if more > 0 else ''}.{sure}"


def _numbers(material: Material, found: Certainty | None) -> Table:
    measure = material.measure
    head = ("trial", f"{measure.name}", "95 % interval", "expected elsewhere", "chance to be the best")
    rows = []
    for place, trial in enumerate(material.ranked[:MOST_ROWS]):
        score = estimate(trial, material.metric)
        ends = f"{measure.text(score.low)} to {measure.text(score.high)}" if score and score.low == score.low else "-"
        sure = (measure.told(found.expected[place].value), f"{100 * found.chances[place]:.0f} %") if found else ("-", "-")
        rows.append((trial.number, measure.told(score.value) if score else "-", ends, *sure))
    return Table(head, tuple(rows))


def _table(material: Material) -> Table:
    """The leaderboard with its scores first: a narrow window shows what is told, not how it came about."""
    board = leaderboard(material.status)
    rows = board.rows[:MOST_ROWS]
    strong = frozenset(place for place, row in enumerate(rows) if row.is_best)
    scores = board.headings.index("epochs") + 1
    headings = tuple(heading.replace("_", " ") for heading in board.headings)
    return Table(_scores_first(headings, scores), tuple(_scores_first(row.cells, scores) for row in rows), WORDS, strong)


def _scores_first(cells: tuple[str, ...], scores: int) -> tuple[str, ...]:
    """The number, then what stands from `scores` on, then the rest."""
    return (cells[0], *cells[scores:], *cells[1:scores])


def _told_below(material: Material) -> str:
    status, left = material.status, len(material.status.trials) - MOST_ROWS
    rest = f"{left} more trials are in leaderboard.csv. " if left > 0 else ""
    early = "Trials that were stopped early have the score that they had then. "
    stopped = early if any(trial.state == "pruned" for trial in status.trials) else ""
    same = f"All were scored on the same evaluation set ({status.evaluation_hash}), of recordings that no trial trained on."
    return f"{numbers_told(status)} {stopped}{rest}{same}"


def _cost(material: Material) -> list[str]:
    status = material.status
    epochs, most = sum(t.epochs for t in status.trials), material.sweep.train.max_epochs * len(status.trials)
    pruned = sum(trial.state == "pruned" for trial in status.trials)
    trained = f"{counted(epochs, 'epoch')}, where {counted(len(status.trials), 'trial')} of {material.sweep.train.max_epochs}"
    told = [
        f"{clock(status.spent_seconds)} by the clock, {clock(status.compute_seconds)} of computing (h:mm:ss or m:ss)",
        f"{trained} would have taken {most}; {pruned or 'no'} {'trial was' if pruned < 2 else 'trials were'} stopped early",
    ]
    return [*told, from_facts(status.rendering).sentence()] if status.rendering.get("rendered_takes") else told
