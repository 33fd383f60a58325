from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from trainables.rendering.takes import Rejection, Take
from tune.analysis.leaderboard import (
    leaderboard,
    leaderboard_csv,
    leaderboard_markdown,
    trial_table,
    write_leaderboard,
    write_rejected,
)
from tune.driver.console import show
from tune.ledger.status import SweepStatus, TrialState, TrialStatus


def trial(number: int, state: TrialState, score: float | None, **more: Any) -> TrialStatus:
    metrics = (
        {} if score is None else {"eval/probe_accuracy": score, "control/pca/probe_accuracy": 0.5, "eval/unseen_gain": 0.0123}
    )
    params = {"effect_split": "-leslie-combo-loudness", "beta": 1e-5, "patience": 2, "latent_size": 8 * (number + 1)}
    return TrialStatus(number, state, params, score, epochs=12, metrics=metrics, **more)


def sweep(*trials: TrialStatus, metric: str = "eval/probe_accuracy", mode: str = "max") -> SweepStatus:
    return SweepStatus("splits", "complete", {"metric": metric, "mode": mode}, {}, trials, evaluation_hash="e1a2")


FOUR = sweep(
    trial(0, "complete", 0.6),
    trial(1, "pruned", 0.9),
    trial(2, "complete", 0.7),
    trial(3, "failed", None, reason="loss is not finite"),
)


def printed(status: SweepStatus, width: int = 160) -> str:
    console = Console(width=width, file=io.StringIO(), color_system=None)
    show(console, trial_table(status))
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


def numbers(status: SweepStatus) -> list[int]:
    return [row.trial.number for row in leaderboard(status).rows]


def test_best_comes_first_then_by_score_and_the_unscored_last() -> None:
    assert numbers(FOUR) == [2, 1, 0, 3]
    assert [row.is_best for row in leaderboard(FOUR).rows] == [True, False, False, False]


def test_where_less_is_better_the_least_comes_first() -> None:
    assert numbers(sweep(trial(0, "complete", 0.6), trial(1, "complete", 0.2), mode="min")) == [1, 0]


def test_a_table_of_matchers_has_their_two_modes_and_no_scores_of_embeddings() -> None:
    metrics = {"eval/match_ratio": 0.7, "eval/match_ratio/paired": 0.5, "eval/match_ratio/blind": 0.9}
    matcher = TrialStatus(0, "complete", {"learning_rate": 0.001}, 0.7, epochs=3, metrics=metrics)
    status = sweep(matcher, metric="eval/match_ratio", mode="min")
    assert leaderboard(status).headings == ("trial", "state", "learning_rate", "epochs", "left of nothing", "paired", "blind")
    assert leaderboard(status).rows[0].cells[-3:] == ("0.700", "0.500", "0.900")
    assert "as good as doing nothing" in printed(status) and "PCA" not in printed(status) + leaderboard_markdown(status)


def test_table_shows_the_controls_beside_the_score_and_marks_the_best() -> None:
    text = printed(FOUR)
    best = next(line for line in text.splitlines() if "* 2" in line)
    assert best.split() == [
        "*", "2", "complete", "24", "2", "1.0e-05", "-leslie-combo-loudness", "12", "0.700", "0.500", "-", "0.012",
    ]  # fmt: skip
    assert text.count("*") == 1 and "trial 3 failed: loss is not finite" in text
    headings = [line.split() for line in text.splitlines() if "unseen" in line or "held out" in line]
    assert headings == [
        ["un-", "unseen"],
        ["trial", "state", "z", "p", "beta", "held", "out", "ep", "probe", "PCA", "trained", "gain"],
    ]


def test_a_table_of_five_dimensions_and_long_split_names_fits_100_columns_unbroken() -> None:
    params = {"latent_size": 128, "patience": 2, "beta": 0.0312, "contrastive_weight": 0.7312}
    metrics = {"eval/probe_accuracy": 0.61, "eval/unseen_gain": -0.031, "control/pca/probe_accuracy": 0.5}
    long = params | {"effect_split": "-multiband-overdrive-ambience"}
    text = printed(sweep(TrialStatus(13, "complete", long, 0.61, epochs=100, metrics=metrics)), width=100)
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 100
    [row] = [line for line in text.splitlines() if "13" in line]
    assert row.split() == [
        "*", "13", "complete", "128", "2", "0.031", "0.731", "-multiband-overdrive-ambience", "100",
        "0.610", "0.500", "-", "-0.031",
    ]  # fmt: skip


def test_a_narrow_terminal_hides_no_column() -> None:
    wide, narrow = printed(FOUR), printed(FOUR, width=40)
    assert narrow.split() == wide.split()


def test_another_objective_gets_its_own_column() -> None:
    assert "retrieval" in leaderboard(sweep(trial(0, "complete", 0.6), metric="eval/retrieval")).headings
    assert leaderboard(FOUR).headings.count("probe") == 1 and "probe_accuracy" not in leaderboard(FOUR).headings


def test_a_sweep_without_trials_is_a_table_without_rows() -> None:
    assert leaderboard(sweep()).rows == () and "trial" in printed(sweep())


def test_markdown_marks_the_best_and_names_the_evaluation_set() -> None:
    text = leaderboard_markdown(FOUR)
    assert "| **2** | complete | 24 |" in text and "`e1a2`" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + 4 and len({row.count("|") for row in rows}) == 1


def test_csv_has_every_number_in_full() -> None:
    rows = list(csv.DictReader(io.StringIO(leaderboard_csv(FOUR))))
    assert [row["trial"] for row in rows] == ["2", "1", "0", "3"]
    assert (rows[0]["eval/unseen_gain"], rows[0]["beta"], rows[0]["epochs"]) == ("0.0123", "1e-05", "12")
    assert (rows[3]["reason"], rows[3]["score"]) == ("loss is not finite", "")


def test_files_for_the_parent_run(tmp_path: Path) -> None:
    files = write_leaderboard(FOUR, tmp_path / "new")
    assert [file.name for file in files] == ["leaderboard.md", "leaderboard.csv"]
    assert files[0].read_text() == leaderboard_markdown(FOUR)


def test_the_leaderboard_answers_whether_to_worry_about_the_best() -> None:
    asked = "Should I worry about trial 0, the best?"
    yes, no = (leaderboard_markdown(sweep(trial(0, "complete", 0.6, worries=names))) for names in ("overfit, weights", ""))
    assert f"{asked} Yes, because of overfit, weights: see" in yes and f"{asked} No, nothing was found: see" in no
    assert "Should I worry" not in leaderboard_markdown(FOUR)


def test_the_csv_names_every_trials_worries() -> None:
    status = sweep(trial(0, "complete", 0.6, worries="overfit, weights"), trial(1, "pruned", 0.5))
    assert [row["worries"] for row in csv.DictReader(io.StringIO(leaderboard_csv(status)))] == ["overfit, weights", ""]


def test_takes_that_were_replaced_stay_in_their_table_when_a_sweep_goes_on(tmp_path: Path) -> None:
    first, second = (Rejection(Take("song, live.wav", offset, "delay", (("mix", 0.5),)), "silent", 2) for offset in (0, 8192))
    path = write_rejected([first], tmp_path / "rejected.csv")
    write_rejected([first, second], path)
    rows = list(csv.DictReader(path.open(encoding="utf-8", newline="")))
    assert [(row["recording"], row["offset_samples"], row["settings"]) for row in rows] == [
        ("song, live.wav", "0", '{"mix": 0.5}'),
        ("song, live.wav", "8192", '{"mix": 0.5}'),
    ]


def test_splits_that_have_names_are_told_by_them_with_what_the_names_mean() -> None:
    named = replace(FOUR, split_names={"-leslie-combo-loudness": "as the study", "-delay": "easy"})
    for told in (printed(named), leaderboard_markdown(named)):
        assert told.count("-leslie-combo-loudness") == 1 and "as the study: -leslie-combo-loudness; easy: -delay" in told
    assert all("as the study" in row.cells for row in leaderboard(named).rows)
    assert "-leslie-combo-loudness" in leaderboard_csv(named), "programs are told what every other table is told"
    assert "easy" not in printed(FOUR) + leaderboard_markdown(FOUR)
