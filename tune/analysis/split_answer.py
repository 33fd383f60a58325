"""What a study of effect splits found, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from trainables.diagnosis.check import counted, listed
from trainables.evaluation.outcomes import Estimate
from tune.analysis.split_study import FEWEST_TO_TELL, MARGIN, MOST_TRIALS, EffectFinding, SplitStudy

PAGE_FILE = "effect_splits.html"  # the page that tells it


def answer(study: SplitStudy) -> list[str]:
    """The answer: what must be heard, what is understood unheard, what is not known, and what hearing does for others."""
    return [
        _must(study.named("must")),
        *_need_not(study.named("need not")),
        *_hard(study.named("hard")),
        *_cannot_tell(study.named("cannot tell")),
        _for_others(study.findings),
    ]


def short_answer(study: SplitStudy) -> str:
    """One line: `must be heard: leslie; understood unheard: combo; 7 not told apart yet`."""
    must, need_not = (_names(study.named(verdict)) for verdict in ("must", "need not"))
    parts = [f"must be heard: {listed(must) if must else 'none for certain'}"]
    parts += [f"understood unheard: {listed(need_not)}"] if need_not else []
    unknown = len(study.named("cannot tell"))
    return "; ".join([*parts, *([f"cannot tell yet: {unknown} of {len(study.findings)}"] if unknown else [])])


def basis(study: SplitStudy) -> str:
    """What the answer rests on."""
    pruned = f", {study.pruned} of them pruned" if study.pruned else ""
    return f"From {counted(study.trials, 'trial')}{pruned}, with {counted(study.splits, 'split')} of the effects."


def points(estimate: Estimate) -> str:
    """`+29 (16 to 42)`: of a hundred clips; without an interval where there is none."""
    ends = f" ({100 * estimate.low:.0f} to {100 * estimate.high:.0f})" if estimate.low == estimate.low else ""
    return f"{100 * estimate.value:+.0f}{ends}"


def _must(findings: Sequence[EffectFinding]) -> str:
    if not findings:
        return (
            "For no effect is it certain yet that a model must hear it in training: for none is the whole interval above "
            f"{100 * MARGIN:.0f} clips of a hundred."
        )
    return f"Must be heard in training: {listed(_names(findings))}. {_adds(findings)}"


def _need_not(findings: Sequence[EffectFinding]) -> list[str]:
    if not findings:
        return []
    return [f"Understood without being heard: {listed(_names(findings))}. {_adds(findings)}"]


def _adds(findings: Sequence[EffectFinding]) -> str:
    told = [f"{finding.effect} {points(finding.difference)}" for finding in findings if finding.difference]
    return f"Of a hundred clips, so many more are recognised by models that heard the effect: {listed(told)}."


def _hard(findings: Sequence[EffectFinding]) -> list[str]:
    if not findings:
        return []
    return [
        f"Hard whether heard or not: {listed(_names(findings))}. Hearing makes little difference, but unheard they are not "
        "surely recognised more often than by guessing."
    ]


def _cannot_tell(findings: Sequence[EffectFinding]) -> list[str]:
    if not findings:
        return []
    needed = {finding.effect: trials for finding in findings if (trials := finding.trials_needed) is not None}
    told = [f"{effect} about {needed[effect]}" for effect in sorted(needed, key=needed.__getitem__)]
    more = f" So many trials in all would probably tell: {listed(told)}." if told else ""
    others = [name for name in _names(findings) if name not in needed]
    beyond = f" More than {MOST_TRIALS} would be needed for {listed(others)}." if others else ""
    few = [finding for finding in findings if min(finding.heard.trials, finding.unheard.trials) < FEWEST_TO_TELL]
    why = f" ({listed(_names(few))}: fewer than {FEWEST_TO_TELL} trials on one side)" if few else ""
    return [f"One cannot tell yet about {listed(_names(findings))}{why}.{more}{beyond}"]


def _for_others(findings: Sequence[EffectFinding]) -> str:
    known = [(finding.effect, finding.for_others) for finding in findings if finding.for_others]
    helps = [f"{effect} {points(change)}" for effect, change in known if change.low > 0]
    less = [f"{effect} {points(change)}" for effect, change in known if change.high < 0]
    if not helps and not less:
        return "No effect was found whose hearing surely helps with other effects that were never heard."
    told = [f"Hearing helps with other effects never heard: {listed(helps)} clips of a hundred."] if helps else []
    beside = f"Hearing others in their place helps more: {listed(less)} clips of a hundred."
    return " ".join([*told, *([beside] if less else [])])


def _names(findings: Sequence[EffectFinding]) -> list[str]:
    return [finding.effect for finding in findings]
