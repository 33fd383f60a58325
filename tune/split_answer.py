"""What a study of effect splits found, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from trainables.check import counted, listed
from trainables.outcomes import Estimate
from tune.split_study import FEWEST_TO_TELL, MARGIN, EffectFinding, SplitStudy

MOST_TRIALS = 300  # more than that is not worth recommending


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
    told = [f"{finding.effect} {points(finding.difference)}" for finding in findings if finding.difference]
    return f"These must be heard in training: {listed(told)} more clips of a hundred are recognised once a model has heard them."


def _need_not(findings: Sequence[EffectFinding]) -> list[str]:
    if not findings:
        return []
    told = [f"{finding.effect} {points(finding.difference)}" for finding in findings if finding.difference]
    return [f"Understood without being heard: {listed(told)} clips of a hundred are all that hearing them adds."]


def _hard(findings: Sequence[EffectFinding]) -> list[str]:
    if not findings:
        return []
    return [
        f"Hearing {listed(_names(findings))} makes little difference either, but because these models hardly recognise what they "
        "never heard of it, and hardly what they did."
    ]


def _cannot_tell(findings: Sequence[EffectFinding]) -> list[str]:
    if not findings:
        return []
    within = sorted((finding for finding in findings if finding.trials_needed <= MOST_TRIALS), key=lambda f: f.trials_needed)
    needed = [f"{finding.effect} about {finding.trials_needed}" for finding in within]
    more = f" Trials like these that it would take in all: {listed(needed)}." if needed else ""
    close = _names([finding for finding in findings if finding.trials_needed > MOST_TRIALS])
    beyond = f" More than {MOST_TRIALS} for {listed(close)}: too near the threshold to be worth settling." if close else ""
    few = [finding for finding in findings if min(finding.heard.trials, finding.unheard.trials) < FEWEST_TO_TELL]
    why = f" ({listed(_names(few))}: fewer than {FEWEST_TO_TELL} trials on one side)" if few else ""
    return [f"One cannot tell yet about {listed(_names(findings))}{why}.{more}{beyond}"]


def _for_others(findings: Sequence[EffectFinding]) -> str:
    known = [(finding.effect, finding.for_others) for finding in findings if finding.for_others]
    helps = [f"{effect} {points(change)}" for effect, change in known if change.low > 0]
    harms = [f"{effect} {points(change)}" for effect, change in known if change.high < 0]
    if not helps and not harms:
        return "That hearing one effect helps a model to understand others that it never heard was found for none."
    told = [f"Hearing helps with other effects never heard: {listed(helps)} clips of a hundred."] if helps else []
    return " ".join([*told, *([f"Hearing makes others harder: {listed(harms)} clips of a hundred."] if harms else [])])


def _names(findings: Sequence[EffectFinding]) -> list[str]:
    return [finding.effect for finding in findings]
