"""The page about effect splits: answer, figure, table and caveats, in one HTML file that needs nothing but itself."""

from __future__ import annotations

import base64
from html import escape
from io import BytesIO
from pathlib import Path

from trainables.outcomes import Estimate
from trainables.split_figure import EffectRow, draw_splits
from tune.home import SweepFolder
from tune.split_answer import PAGE_FILE, answer, basis, points
from tune.split_study import MARGIN, EffectFinding, Side, SplitStudy

QUESTION = "Which effects must a model hear in training to understand those it never heard?"
COLUMNS = ("effect", "never heard", "trials", "heard", "trials", "hearing adds", "to other effects", "untrained", "verdict")
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
STYLE = """
body { font: 16px/1.55 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
body { color: #222; background: #fff }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem } img { max-width: 100%; height: auto }
table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums }
th, td { padding: .3rem .6rem; border-bottom: 1px solid #ddd; text-align: right; white-space: nowrap }
th { vertical-align: bottom; white-space: normal }
th:first-child, td:first-child, th:last-child, td:last-child { text-align: left }
.wide { overflow-x: auto }
.answer { border-left: .4rem solid #0072b2; padding: .1rem 1rem }
@media print {
  body { font-size: 11pt; margin: 0; padding: 0 } h2, img, tr { break-inside: avoid } h2 { break-after: avoid }
  .wide { overflow: visible } table { font-size: 8.5pt } th, td { padding: .2rem .35rem }
}
"""


def write_split_page(study: SplitStudy, folder: SweepFolder) -> Path:
    """Writes the page into the sweep's folder."""
    path = folder.path / PAGE_FILE
    path.write_text(split_page(study, folder.path.name), encoding="utf-8")
    return path


def split_page(study: SplitStudy, sweep: str) -> str:
    """HTML, with the picture inside; `sweep` is the sweep's name."""
    return "\n".join(
        [
            f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>Effect splits</title>\n<style>{STYLE}</style>',
            f"<h1>{QUESTION}</h1>",
            f"<p>Sweep {escape(sweep)}. {escape(basis(study))}</p>",
            f'<div class="answer">{_paragraphs(answer(study))}</div>',
            "<h2>Recognised when heard, and when not</h2>",
            f'<img alt="Recall of each effect, heard and never heard" src="data:image/png;base64,{_png(study)}">',
            "<h2>In numbers</h2>",
            _table(study),
            "<h2>How to read this</h2>",
            _paragraphs(CAVEATS),
            "</html>\n",
        ]
    )


def _paragraphs(sentences: tuple[str, ...] | list[str]) -> str:
    return "".join(f"<p>{escape(sentence)}</p>\n" for sentence in sentences)


def _table(study: SplitStudy) -> str:
    head = "".join(f"<th>{column}</th>" for column in COLUMNS)
    return f'<div class="wide"><table>\n<tr>{head}</tr>\n{"".join(map(_row, study.findings))}</table></div>'


def _row(finding: EffectFinding) -> str:
    cells = (
        *(finding.effect, _recall(finding.unheard), finding.unheard.trials, _recall(finding.heard), finding.heard.trials),
        *(_change(finding.difference), _change(finding.for_others)),
        "-" if finding.untrained is None else f"{100 * finding.untrained:.0f}",
        VERDICTS[finding.verdict],
    )
    return f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in cells)}</tr>\n"


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
