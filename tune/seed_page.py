"""The page of the seed study: answer, table, curves and figures, in one HTML file that needs nothing but itself."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape
from io import BytesIO
from pathlib import Path

from trainables.validation_figure import Reading, draw_readings
from tune.home import SweepFolder
from tune.seed_study import ALL, ONE, SeedTrial, answer

PAGE_FILE = "seed_study.html"
FIGURE = "figure.png"
QUESTION = "Should I be concerned that training converged so quickly?"
COLUMNS = ("trial", "hears", "early stopping looks at", "epochs", "kept", "probe", "untrained", "PCA", "unseen gain", "worries")
STYLE = """
body { font: 16px/1.55 system-ui, sans-serif; max-width: 66rem; margin: 2rem auto; padding: 0 1rem }
body { color: #222; background: #fff }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem } img { max-width: 100%; height: auto }
table { border-collapse: collapse; font-size: .92rem }
th, td { padding: .3rem .6rem; border-bottom: 1px solid #ddd; text-align: left }
.answer { border-left: .4rem solid #0072b2; padding: .1rem 1rem }
"""


def write_seed_page(trials: Sequence[SeedTrial], folder: SweepFolder) -> Path:
    """Writes the page of at least one trial into the sweep's folder; figures are those that were drawn by then."""
    path = folder.path / PAGE_FILE
    pictures = {trial.number: folder.pictures(trial.number) / FIGURE for trial in trials}
    path.write_text(seed_page(trials, pictures), encoding="utf-8")
    return path


def seed_page(trials: Sequence[SeedTrial], pictures: dict[int, Path]) -> str:
    """HTML; `pictures` are the map figures by trial, some of which may be missing."""
    maps = [
        f"<h3>{escape(_title(trial))}</h3>\n{_image(pictures[trial.number].read_bytes(), _title(trial))}"
        for trial in trials
        if trial.number in pictures and pictures[trial.number].is_file()
    ]
    return "\n".join(
        [
            f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>The seed study</title>\n<style>{STYLE}</style>',
            f"<h1>{QUESTION}</h1>",
            f'<div class="answer">{"".join(f"<p>{escape(sentence)}</p>" for sentence in answer(trials))}</div>',
            "<h2>The trials</h2>",
            _table(trials),
            "<h2>What the validation curve said</h2>",
            "<p>Grey: the loss on all trained effects, which is what one wants to know. Coloured: the loss on the one effect of "
            "that epoch, which is what the study looked at. Where the coloured points jump, the effect changed, not the model.</p>",
            _image(_png(trials), "Validation losses by epoch"),
            *(["<h2>The map</h2>", *maps] if maps else []),
            "</html>\n",
        ]
    )


def _table(trials: Sequence[SeedTrial]) -> str:
    head = "".join(f"<th>{column}</th>" for column in COLUMNS)
    return f"<table>\n<tr>{head}</tr>\n{''.join(map(_row, trials))}</table>"


def _row(trial: SeedTrial) -> str:
    scores = ("eval/probe_accuracy", "control/untrained/probe_accuracy", "control/pca/probe_accuracy", "eval/unseen_gain")
    fired = [check.name for check in trial.checks if check.verdict == "worry"]
    cells: Iterable[object] = (
        *(trial.number, trial.heard, trial.judged, len(trial.record.epochs), f"{trial.kept} ({trial.kept_effect})"),
        *(trial.record.estimate(score) or "-" for score in scores),
        ", ".join(fired) or "none",
    )
    return f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in cells)}</tr>\n"


def _title(trial: SeedTrial) -> str:
    return f"Trial {trial.number}: hears {trial.heard}, stops by {trial.judged}"


def _png(trials: Sequence[SeedTrial]) -> bytes:
    readings = [
        Reading(_title(trial), trial.record.config.trained_effects, trial.record.curve(ONE), trial.record.curve(ALL), trial.kept)
        for trial in trials
    ]
    buffer = BytesIO()
    draw_readings(readings).savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _image(png: bytes, said: str) -> str:
    return f'<img alt="{escape(said)}" src="data:image/png;base64,{base64.b64encode(png).decode()}">'
