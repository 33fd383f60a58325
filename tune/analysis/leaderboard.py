"""A sweep's trials as a table: for the terminal, and as a leaderboard (Markdown and CSV) beside the parent run."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.table import Column, Table
from rich.text import Text

from trainables.rendering.takes import Rejection
from tune.analysis.score_columns import numbers_told, score_columns, terminal_legend
from tune.ledger.standing import point_means
from tune.ledger.status import SweepStatus, TrialStatus
from tune.search.repeats import point_key
from tune.space.dimensions import EFFECT_SPLIT
from tune.space.splits import NOTHING_HELD_OUT

STATE_STYLES = {"complete": "green", "pruned": "yellow", "failed": "red", "stopped": "magenta", "running": "cyan"}
HEADINGS = {"latent_size": "latent", "effect_split": "held out"}
NARROW = {  # headings for the terminal, as in the names of runs, so that five dimensions fit into 100 columns
    "latent": "z", "patience": "p", "contrastive_weight": "con", "learning_rate": "lr", "epochs": "ep",
    "untrained": "un-\ntrained", "unseen gain": "unseen\ngain",
}  # fmt: skip
MEAN = "mean ±sd (n)"


@dataclass(frozen=True)
class Row:
    """One trial, ready to be printed."""

    trial: TrialStatus
    cells: tuple[str, ...]
    is_best: bool
    on_front: bool = False


@dataclass(frozen=True)
class Leaderboard:
    """Trials with the best first; those without a score last, in their order."""

    headings: tuple[str, ...]
    rows: tuple[Row, ...]


def leaderboard(status: SweepStatus) -> Leaderboard:
    """The sweep's trials, ranked by the objective."""
    searched = _searched(status.trials)
    numbers = score_columns(status)
    best, front, means = status.best(), status.front(), point_means(status)
    headings = (
        "trial",
        "state",
        *(HEADINGS.get(name, name) for name in searched),
        "epochs",
        *((MEAN,) if status.repeat > 1 else ()),
        *(heading for heading, _ in numbers),
    )
    rows = []
    for trial in _ranked(status):
        mean = (str(means.get(point_key(trial.params), "-")),) if status.repeat > 1 else ()
        cells = _cells(_with_split_name(trial, status), searched, mean, [metric for _, metric in numbers])
        rows.append(Row(trial, cells, trial == best, trial.number in front))
    return Leaderboard(headings, tuple(rows))


def trial_table(status: SweepStatus) -> Table:
    """The leaderboard for the terminal: the best trial is bold and starred; why a trial failed is told below."""
    board = leaderboard(status)
    told_below = [terminal_legend(status), *_marks(status), *_failures(status.trials)]
    table = Table(box=SIMPLE_HEAD, padding=0, caption=Text("\n".join(told_below)), caption_justify="left")
    for heading in board.headings:
        words = heading in ("state", "held out")
        table.add_column(NARROW.get(heading, heading), justify="left" if words else "right", no_wrap=True)
    for row in board.rows:
        number, state, *rest = (Text(cell) for cell in row.cells)  # text, so that a bracket in a name isn't markup
        state.stylize(STATE_STYLES[row.trial.state])
        mark, style = ("* ", "bold") if row.is_best else ("+ ", None) if row.on_front else ("", None)
        table.add_row(Text(mark) + number, state, *rest, style=style)
    table.width = sum(map(_natural_width, table.columns)) + len(table.columns) + 1  # else rich cuts cells to fit a terminal
    return table


def leaderboard_markdown(status: SweepStatus) -> str:
    """As a page for MLflow: the table, what its columns mean, and what the scores were measured on."""
    board = leaderboard(status)
    lines = [
        f"# {status.name}\n",
        f"Ranked by `{status.objective['metric']}` ({status.objective['mode']}). Evaluation set `{status.evaluation_hash}`: ",
        f"recordings that no trial trained on, the same for every trial. {numbers_told(status)}\n\n",
        f"| {' | '.join(board.headings)} |\n",
        f"|{' --- |' * len(board.headings)}\n",
        *(_markdown_line(row) for row in board.rows),
        *([f"\nHeld out: {split_legend(status)}.\n"] if status.split_names else []),
        _worries(status.best()),
    ]
    return "".join(lines)


def leaderboard_csv(status: SweepStatus) -> str:
    """Every trial with every parameter and metric in full, for a spreadsheet or pandas."""
    params = sorted({name for trial in status.trials for name in trial.params})
    metrics = sorted({name for trial in status.trials for name in trial.metrics})
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["trial", "state", "reason", "run_id", "epochs", "seconds", "score", "worries", *params, *metrics])
    for trial in _ranked(status):
        own = [trial.number, trial.state, trial.reason, trial.run_id, trial.epochs, trial.seconds, trial.score, trial.worries]
        writer.writerow([*own, *(trial.params.get(name) for name in params), *(trial.metrics.get(name) for name in metrics)])
    return text.getvalue()


def write_leaderboard(status: SweepStatus, folder: Path) -> list[Path]:
    """leaderboard.md and leaderboard.csv, for the parent run."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {folder / "leaderboard.md": leaderboard_markdown(status), folder / "leaderboard.csv": leaderboard_csv(status)}
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
    return list(files)


def write_rejected(rejections: Sequence[Rejection], path: Path) -> Path:
    """The takes that could not be rendered and were replaced, each with its reason, as CSV; after those that are there."""
    known = _csv_rows(path) or [["effect", "recording", "offset_samples", "tries", "reason", "settings"]]
    rows = [*known, *map(_rejected_row, rejections)]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(dict.fromkeys(map(tuple, rows)))
    return path


def _csv_rows(path: Path) -> list[list[str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def _rejected_row(rejected: Rejection) -> list[str]:
    take = rejected.take
    place = (take.effect, take.recording, take.offset_samples, rejected.tries, rejected.reason)
    return [*map(str, place), json.dumps(dict(take.settings))]


def _ranked(status: SweepStatus) -> list[TrialStatus]:
    """The best first, which `SweepStatus.best` chose among the complete; then by score, of repeats their mean."""
    sign, best, means = (-1.0 if status.objective["mode"] == "max" else 1.0), status.best(), point_means(status)

    def rank(trial: TrialStatus) -> tuple[bool, bool, float, int]:
        mean = means.get(point_key(trial.params)) if status.repeat > 1 and trial.state == "complete" else None
        return trial != best, trial.score is None, sign * (mean.value if mean else trial.score or 0.0), trial.number

    return sorted(status.trials, key=rank)


def _searched(trials: Sequence[TrialStatus]) -> list[str]:
    """The parameters, latent size and patience first, the split last."""
    names = {name: None for trial in trials for name in trial.params}
    first = [name for name in ("latent_size", "patience") if name in names]
    last = [name for name in ("effect_split",) if name in names]
    return [*first, *(name for name in names if name not in (*first, *last)), *last]


def _with_split_name(trial: TrialStatus, status: SweepStatus) -> TrialStatus:
    name = status.split_names.get(str(trial.params.get("effect_split")))
    named = {"effect_split": name} if name is not None else {}
    return replace(trial, params={**trial.params, **named})


def _cells(trial: TrialStatus, searched: Sequence[str], mean: Sequence[str], metrics: Sequence[str]) -> tuple[str, ...]:
    params = [_param_shown(name, trial.params.get(name)) for name in searched]
    found = [_shown(trial.metrics.get(name)) for name in metrics]
    return (str(trial.number), trial.state, *params, str(trial.epochs), *mean, *found)


def _markdown_line(row: Row) -> str:
    number, *rest = row.cells
    return f"| {' | '.join([f'**{number}**' if row.is_best else number, *rest])} |\n"


def split_legend(status: SweepStatus) -> str:
    """`easy: -combo-loudness; hard: -leslie`: which splits the author's names mean."""
    return "; ".join(f"{name}: {split}" for split, name in status.split_names.items())


def _worries(best: TrialStatus | None) -> str:
    if best is None or best.worries is None:
        return ""
    answer = f"yes, because of {best.worries}" if best.worries else "no, nothing was found"
    return f"\nShould I worry about trial {best.number}, the best? {answer.capitalize()}: see `should_i_worry.html` of its run.\n"


def _param_shown(name: str, value: Any) -> str:
    """A split that holds nothing out is called `all` elsewhere, which under "held out" would tell the opposite."""
    return "none" if name == EFFECT_SPLIT and value == NOTHING_HELD_OUT else _shown(value)


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.3f}" if value == 0.0 or 0.001 <= abs(value) < 1000 else f"{value:.1e}"
    return str(value)


def _natural_width(column: Column) -> int:
    return max(cell_len(line) for cell in (column.header, *column.cells) for line in str(cell).splitlines() or [""])


def _marks(status: SweepStatus) -> list[str]:
    """What stars, pluses and means are, where there is more to say than that the best is starred."""
    told = ["+: nothing beats it in every objective (so it is for *)"] if status.objectives else []
    told += [f"held out {split_legend(status)}"] if status.split_names else []
    return [*told, *([f"{MEAN}: of all repeats of its settings that are complete"] if status.repeat > 1 else [])]


def _failures(trials: Sequence[TrialStatus]) -> list[str]:
    return [f"trial {trial.number} failed: {trial.reason}" for trial in trials if trial.state == "failed"]
