"""The page "What mattered": which settings make the difference, how sure that is, and whether more trials still help."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from trainables.diagnosis.check import counted, listed
from tune.analysis.importance import FEWEST_TRIALS, HEARD, MOST_TRIALS, Importance, importances
from tune.ledger.status import TrialStatus
from tune.pages.best_so_far import best_figure, progress
from tune.pages.importance_figure import importance_figure, importance_name, told_importance
from tune.pages.material import Material
from tune.pages.measures import setting_label, setting_name, value_text
from tune.pages.parallel_figure import in_order, parallel_figure
from tune.pages.shell import Figure, Page, Section, Table
from tune.pages.slices_figure import slices_figure
from tune.pages.surface_figure import surface_figure
from tune.space.dimensions import EFFECT_SPLIT
from tune.space.splits import held_out_effects

FILE = "what_mattered.html"
TITLE = "What mattered"
MOST_PANELS = 6
MOST_AXES = 7
FEWEST_TO_DRAW = 2
HOW = (
    "Explained: the share of the variance between trials that a setting explains by itself, in a forest of regression trees "
    "(fANOVA, Hutter, Hoos & Leyton-Brown 2014). Intervals are a bootstrap over trials.",
    "By chance: forests explain something of pure noise, too. So scores were dealt out to the trials by lot, again and again; a "
    "setting surely matters if it explains more than in 19 of 20 such draws, and if its interval begins at 1 % or above.",
    "Trials that were stopped early count with the score that they had then, because without them only good settings would be "
    "compared. The search prefers what did well, so settings that it soon gave up rest on few trials.",
    "An effect split is taken apart into whether each effect was heard in training.",
)


def what_mattered(material: Material) -> tuple[Importance, ...]:
    """The settings of the trials that ended; none where these are too few, or do not differ."""
    points, scores = [trial.params for trial in material.ended], [float(trial.score or 0.0) for trial in material.ended]
    return importances(material.sweep.dimensions, points, scores, material.sweep.seed)


def mattered_page(material: Material, found: Sequence[Importance]) -> Page | None:
    """None before two trials have ended."""
    if len(material.ended) < FEWEST_TO_DRAW:
        return None
    settings = varied(material, found)
    return Page(
        file=FILE,
        title=TITLE,
        question="Which settings made the difference?",
        basis=f"From {counted(len(material.ended), 'trial')} that ended, by {material.measure.name}."
        + (f" Explained shares are of the newest {MOST_TRIALS}." if len(material.ended) > MOST_TRIALS else ""),
        answer=tuple(answer(material, found)),
        first=(Figure(importance_figure(found), "", _numbers(found)),) if found else (),
        sections=(
            *_slices(material, settings),
            *_surface(material, found),
            *_parallel(material, settings),
            Section("Best so far", (_rising(material), Figure(best_figure(material), material.left_out.strip()))),
            Section("How to read this", HOW),
        ),
    )


def varied(material: Material, found: Sequence[Importance]) -> list[str]:
    """The settings in which trials differ, the most important first."""
    ranked = list(dict.fromkeys(EFFECT_SPLIT if one.name.startswith(HEARD) else one.name for one in found))
    known = dict.fromkeys([*ranked, *material.sweep.dimensions])
    return [name for name in known if len({trial.params.get(name) for trial in material.ended}) > 1]


def answer(material: Material, found: Sequence[Importance]) -> list[str]:
    """Sentences."""
    if not found:
        return [
            f"It cannot be told yet: that takes at least {FEWEST_TRIALS} trials that ended, with different settings and scores; "
            f"there are {len(material.ended)}."
        ]
    sure = [one for one in found if one.matters]
    if not sure:
        first = f"{importance_name(found[0].name)}, {told_importance(found[0])}, could be chance"
        return [f"It cannot be told yet from {len(material.ended)} trials: even the most important, {first}."]
    told = listed([f"{importance_name(one.name)} ({told_importance(one)})" for one in sure])
    unsure = [one for one in found if not one.matters]
    rest = f"Of the other {len(unsure)} settings nothing can be told from chance" if unsure else "All settings matter"
    return [f"What surely made a difference: {told}.", *(_direction(material, one) for one in sure[:3]), f"{rest}."]


def short_answer(found: Sequence[Importance]) -> str:
    """One sentence for the summary; "" if nothing was looked at."""
    sure = [f"{importance_name(one.name)} ({told_importance(one)} of the differences)" for one in found if one.matters]
    if not found:
        return ""
    return f"What mattered: {listed(sure)}." if sure else "Which settings matter cannot be told from chance yet."


def _direction(material: Material, one: Importance) -> str:
    """Where the better values are."""
    if one.name.startswith(HEARD):
        effect = one.name.removeprefix(HEARD)
        unheard = [t for t in material.ended if effect in held_out_effects(str(t.params[EFFECT_SPLIT]))]
        heard = [t for t in material.ended if t not in unheard]
        return f"Median of trials that heard {effect}: {_median(material, heard)}; of the others: {_median(material, unheard)}."
    values = sorted({trial.params[one.name] for trial in material.ended}, key=lambda v: (isinstance(v, str), v))
    if len(values) > 8 and not isinstance(values[0], str):
        middle = median(values)
        sides = [[t for t in material.ended if (t.params[one.name] > middle) == above] for above in (False, True)]
        below, above = (_median(material, side) for side in sides)
        return f"{setting_label(one.name).capitalize()}: a median of {below} up to {value_text(middle)}, of {above} beyond."
    told = [f"{value_text(v)}: {_median(material, [t for t in material.ended if t.params[one.name] == v])}" for v in values]
    return f"Medians by {setting_name(one.name)}: {listed(told)}."


def _median(material: Material, trials: Sequence[TrialStatus]) -> str:
    scores = [float(trial.score or 0.0) for trial in trials]
    return material.measure.told(median(scores)) if scores else "-"


def _numbers(found: Sequence[Importance]) -> Table:
    rows = [
        (
            importance_name(one.name), f"{100 * one.share:.1f} %", f"{100 * one.low:.1f} to {100 * one.high:.1f}",
            f"{100 * one.by_chance:.1f} %", "surely matters" if one.matters else "cannot be told",
        )
        for one in found
    ]  # fmt: skip
    headings = ("setting", "explained", "95 % interval", "by chance below", "verdict")
    return Table(headings, tuple(rows), frozenset({"setting", "verdict"}))


def _slices(material: Material, settings: Sequence[str]) -> tuple[Section, ...]:
    shown = [name for name in settings if name != EFFECT_SPLIT][:MOST_PANELS]
    if not shown:
        return ()
    caption = f"Lines are medians of trials with such a value. Point at a dot for its trial.{material.left_out}"
    return (Section("Each setting alone", (Figure(slices_figure(material, shown), caption),)),)


def _surface(material: Material, found: Sequence[Importance]) -> tuple[Section, ...]:
    two = [one.name for one in found if not one.name.startswith(HEARD)][:2]
    if len(two) < 2:
        return ()
    told = f"Colour: what trials near there reached. Empty: no trial near. Dots: trials. {_names(two)} explain most."
    caption = f"{told}{material.left_out}"
    return (Section(f"{_names(two)} together", (Figure(surface_figure(material, *two), caption),)),)


def _names(two: Sequence[str]) -> str:
    told = listed([setting_name(name) for name in two])
    return f"{told[:1].upper()}{told[1:]}"


def _parallel(material: Material, settings: Sequence[str]) -> tuple[Section, ...]:
    if not settings:
        return ()
    shown = in_order(settings[:MOST_AXES])
    caption = (
        "A line is a trial: dark for the worst, bright for the best, orange for the best of all, dashed if it was stopped early."
        f"{material.left_out}"
    )
    return (Section("All settings at once", (Figure(parallel_figure(material, shown), caption),)),)


def _rising(material: Material) -> str:
    """Whether the newest trials still found something better."""
    steps = progress(material)
    last = next(step for step in steps if step.best == steps[-1].best)
    return f"The best was found by trial {last.trial.number}, when {last.trials} of {len(steps)} had ended."
