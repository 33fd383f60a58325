"""The page about effect splits: answer, figure, table and caveats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trainables.diagnosis.check import listed
from trainables.evaluation.outcomes import Estimate
from tune.analysis.held_out_sets import HeldOutSet, held_out_effects_matter, held_out_sets
from tune.analysis.split_answer import PAGE_FILE, answer, basis, points
from tune.analysis.split_study import ENDED, MARGIN, RECALL, EffectFinding, Side, SplitStudy
from tune.ledger.status import SweepStatus, finite
from tune.pages.shell import Figure, Page, Section, Table
from tune.pages.splits_figure import MOST_DOTS, effects_figure, sets_figure, shown_sets
from tune.space.dimensions import EFFECT_SPLIT
from tune.space.splits import held_out_effects

QUESTION = "Which effects must a model hear in training to understand those it never heard?"
COLUMNS = ("effect", "never heard", "trials", "heard", "trials", "hearing adds", "to other effects", "untrained", "verdict")
WORDS = frozenset({"effect", "verdict"})
VERDICTS = {
    "must": "must be heard",
    "need not": "understood unheard",
    "hard": "hard either way",
    "cannot tell": "cannot tell yet",
}
CAVEATS = (
    "A clip counts as recognised if a linear probe on the embedding, fitted on other recordings, tells its effect. All numbers "
    "are clips of a hundred; brackets are 95 % intervals over trials (bootstrap, widened for few trials).",
    "Trials also differ in latent size, patience and other settings, and those were not drawn by lot: the search prefers what "
    "did well. Therefore each trial's level, by which all its effects are recognised better or worse together, is fitted and "
    "taken off before effects are compared. Means are kept within 0 and 100.",
    "Pruned trials count, because without them only the splits that did well would be compared. They trained for less, which "
    "makes hearing an effect look less useful than it is.",
    "To other effects: how much better a trial recognises the other effects that it never heard if it heard this one rather than "
    "another in its place. From eight trials on, what the latent size explains along a straight line is taken off; other "
    "settings are not, and here pruned trials can exaggerate.",
    f"An effect must be heard if the whole interval of what hearing adds is above {100 * MARGIN:.0f} clips of a hundred. It is "
    "understood unheard if the interval is below and, unheard, it is recognised more often than by guessing. Each interval "
    "misses in one case of twenty: expect an error now and then among nine effects, and trust what a second sweep confirms.",
)


def split_page(study: SplitStudy, status: SweepStatus) -> Page:
    """The page; `status` is that of the sweep which the study is of."""
    sets = held_out_sets(status)
    recalls = trial_recalls(status)
    caption = (
        "Lines are 95 % intervals over trials, with what else distinguishes the trials taken off; pale dots are the trials as "
        f"they were measured{_thinned(recalls)}."
    )
    return Page(
        file=PAGE_FILE,
        title="Effect splits",
        question=QUESTION,
        basis=basis(study),
        answer=tuple(answer(study)),
        first=(Figure(effects_figure(study.findings, recalls), caption),),
        sections=(
            Section("In numbers", (Table(COLUMNS, tuple(map(_row, study.findings)), WORDS),)),
            *((_sets(status, sets),) if sets else ()),
            Section("How to read this", CAVEATS),
        ),
    )


def trial_recalls(status: SweepStatus) -> dict[str, tuple[list[float], list[float]]]:
    """Of each effect: its recalls in the trials that never heard it, and in those that did."""
    found: dict[str, tuple[list[float], list[float]]] = {}
    for trial in status.trials:
        if trial.state not in ENDED or EFFECT_SPLIT not in trial.params:
            continue
        held_out = held_out_effects(str(trial.params[EFFECT_SPLIT]))
        for name, value in finite(trial.metrics).items():
            if name.startswith(RECALL):
                effect = name.removeprefix(RECALL)
                found.setdefault(effect, ([], []))[effect not in held_out].append(value)
    return found


def _thinned(recalls: Mapping[str, tuple[list[float], list[float]]]) -> str:
    """What the figure leaves out of many trials."""
    many = any(len(side) > MOST_DOTS for sides in recalls.values() for side in sides)
    return f", at most {MOST_DOTS} of each kind at even distances" if many else ""


def _named(split: str, status: SweepStatus) -> str:
    """`easy (-combo-loudness)` where the sweep's author has a name for it."""
    return f"{status.split_names[split]} ({split})" if split in status.split_names else split


def _sets(status: SweepStatus, sets: Sequence[HeldOutSet]) -> Section:
    sure = [one for one in sets if one.generalises]
    told = f"{len(sure)} of {len(sets)} held-out sets are surely told apart better than by the untrained encoder."
    shown = shown_sets(sets)
    which = f" The best and the worst of {len(sets)} are shown." if len(shown) < len(sets) else ""
    caption = (
        f"How well models tell apart the effects that they never heard, among themselves.{which} Intervals are over recordings."
    )
    rows = tuple((_named(one.split, status), one.trials, *_gain(one.gain)) for one in sets)
    numbers = Table(("held out", "trials", "gain", "95 % interval"), rows, frozenset({"held out"}))
    return Section("Which held-out sets generalise", (told, *_by_effect(status), Figure(sets_figure(sets), caption, numbers)))


def _by_effect(status: SweepStatus) -> list[str]:
    """What the sets have in common that are told apart better, or worse."""
    found = held_out_effects_matter(status)
    worse = [f"{one.effect} ({points(one.difference)})" for one in found if one.difference.high < 0]
    better = [f"{one.effect} ({points(one.difference)})" for one in reversed(found) if one.difference.low > 0]
    told = [f"Sets with {listed(worse)} are told apart worse than sets without, in clips of a hundred."] if worse else []
    told += [f"Sets with {listed(better)} are told apart better than sets without, in clips of a hundred."] if better else []
    return told or ["Of no effect is it sure that sets with it are told apart better or worse than sets without."]


def _gain(gain: Estimate) -> tuple[str, str]:
    ends = f"{100 * gain.low:+.0f} to {100 * gain.high:+.0f}" if gain.low == gain.low else "-"
    return f"{100 * gain.value:+.0f}", ends


def _row(finding: EffectFinding) -> tuple[object, ...]:
    return (
        *(finding.effect, _recall(finding.unheard), finding.unheard.trials, _recall(finding.heard), finding.heard.trials),
        *(_change(finding.difference), _change(finding.for_others)),
        "-" if finding.untrained is None else f"{100 * finding.untrained:.0f}",
        VERDICTS[finding.verdict],
    )


def _recall(side: Side) -> str:
    return "-" if side.recall is None else f"{points(side.recall).removeprefix('+')}"


def _change(change: Estimate | None) -> str:
    return "-" if change is None else points(change)
