"""The page about effect splits: answer, figure, table and caveats."""

from __future__ import annotations

import base64
from io import BytesIO

from trainables.outcomes import Estimate
from trainables.split_figure import EffectRow, draw_splits
from tune.pages.shell import Html, Page, Section, Table
from tune.split_answer import PAGE_FILE, answer, basis, points
from tune.split_study import MARGIN, EffectFinding, Side, SplitStudy

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


def split_page(study: SplitStudy) -> Page:
    """The page."""
    return Page(
        file=PAGE_FILE,
        title="Effect splits",
        question=QUESTION,
        basis=basis(study),
        answer=tuple(answer(study)),
        first=(_image(study),),
        sections=(
            Section("In numbers", (Table(COLUMNS, tuple(map(_row, study.findings)), WORDS),)),
            Section("How to read this", CAVEATS),
        ),
    )


def _row(finding: EffectFinding) -> tuple[object, ...]:
    return (
        *(finding.effect, _recall(finding.unheard), finding.unheard.trials, _recall(finding.heard), finding.heard.trials),
        *(_change(finding.difference), _change(finding.for_others)),
        "-" if finding.untrained is None else f"{100 * finding.untrained:.0f}",
        VERDICTS[finding.verdict],
    )


def _image(study: SplitStudy) -> Html:
    said = "Recall of each effect, heard and never heard"
    return Html(f'<figure><img alt="{said}" src="data:image/png;base64,{_png(study)}"></figure>\n')


def _recall(side: Side) -> str:
    return "-" if side.recall is None else f"{points(side.recall).removeprefix('+')}"


def _change(change: Estimate | None) -> str:
    return "-" if change is None else points(change)


def _png(study: SplitStudy) -> str:
    rows = [
        EffectRow(finding.effect, finding.unheard.recall, finding.heard.recall, finding.untrained, finding.chance)
        for finding in study.findings
    ]
    buffer = BytesIO()
    draw_splits(rows).savefig(buffer, format="png", metadata={"Software": None})
    return base64.b64encode(buffer.getvalue()).decode()
