"""The page of the seed study: answer, table, curves and figures."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from io import BytesIO
from pathlib import Path

from trainables.maps.validation_figure import Reading, draw_readings
from tune.analysis.seed_study import ALL, ONE, SeedTrial, answer
from tune.ledger.home import SweepFolder
from tune.pages.shell import Html, Page, Section, Table

FILE = "seed_study.html"
FIGURE = "figure.png"
QUESTION = "Should I be concerned that training converged so quickly?"
COLUMNS = ("trial", "hears", "early stopping looks at", "epochs", "kept", "probe", "untrained", "PCA", "unseen gain", "worries")
WORDS = frozenset({"hears", "early stopping looks at", "kept", "worries"})
CURVES = (
    "Grey: the loss on all trained effects, which is what one wants to know. Coloured: the loss on the one effect of "
    "that epoch, which is what the study looked at. Where they jump, the effect changed, not the model."
)


def seed_page(trials: Sequence[SeedTrial], folder: SweepFolder) -> Page:
    """Of at least one trial; maps are those figures that were drawn by now."""
    return _page(trials, {trial.number: folder.pictures(trial.number) / FIGURE for trial in trials})


def _page(trials: Sequence[SeedTrial], pictures: Mapping[int, Path]) -> Page:
    maps = tuple(
        _image(pictures[trial.number].read_bytes(), _title(trial), heading=True)
        for trial in trials
        if trial.number in pictures and pictures[trial.number].is_file()
    )
    return Page(
        file=FILE,
        title="The seed study",
        question=QUESTION,
        basis="The study as it was, beside twins that mend one or both of its faults.",
        answer=tuple(answer(trials)),
        wide=True,
        sections=(
            Section("The trials", (Table(COLUMNS, tuple(map(_row, trials)), WORDS, wraps=True),)),
            Section("What the validation curve said", (CURVES, _image(_png(trials), "Validation losses by epoch"))),
            *((Section("The map", maps),) if maps else ()),
        ),
    )


def _row(trial: SeedTrial) -> tuple[object, ...]:
    scores = ("eval/probe_accuracy", "control/untrained/probe_accuracy", "control/pca/probe_accuracy", "eval/unseen_gain")
    fired = [check.name for check in trial.checks if check.verdict == "worry"]
    return (
        *(trial.number, trial.heard, trial.judged, len(trial.record.epochs), f"{trial.kept} ({trial.kept_effect})"),
        *(trial.record.estimate(score) or "-" for score in scores),
        ", ".join(fired) or "none",
    )


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


def _image(png: bytes, said: str, heading: bool = False) -> Html:
    head = f"<h3>{escape(said)}</h3>\n" if heading else ""
    source = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    image = f'<img alt="{escape(said, quote=True)}" src="{source}">'
    return Html(f'{head}<figure><div class="drawing">{image}</div></figure>\n')
