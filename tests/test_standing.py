"""Which trial is the best, with repeats and with several objectives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tune.analysis.leaderboard import leaderboard, trial_table
from tune.ledger.standing import front, point_means, repeats_of, top_trials
from tune.ledger.status import SweepStatus, TrialState, TrialStatus, read_status, to_json, write_status
from tune.ledger.summary import status_lines
from tune.search.repeats import point_key

METRIC, SECONDS = "eval/probe_accuracy", "trial/seconds"
TWO = ({"metric": METRIC, "mode": "max"}, {"metric": SECONDS, "mode": "min"})


def trial(number: int, size: int, score: float | None, state: TrialState = "complete", **more: Any) -> TrialStatus:
    params = {"latent_size": size} | {key: more[key] for key in ("seed",) if key in more}
    metrics = {} if score is None else {METRIC: score} | ({SECONDS: more["seconds"]} if "seconds" in more else {})
    return TrialStatus(number, state, params, score, metrics=metrics)


def sweep(*trials: TrialStatus, **more: Any) -> SweepStatus:
    mlflow = {"uri": "", "experiment": "", "run_id": ""}
    return SweepStatus("x", "complete", TWO[0], mlflow, trials, started=1.0, ended=2.0, **more)


REPEATED = sweep(
    *(trial(number, 8, score, seed=number) for number, score in enumerate((0.9, 0.3, 0.3))),
    *(trial(3 + number, 16, score, seed=number) for number, score in enumerate((0.6, 0.7, 0.65))),
    trial(6, 32, 0.99, seed=0),
    trial(7, 32, None, "failed", seed=1),
    repeat=3,
)


def best(status: SweepStatus) -> int | None:
    found = status.best()
    return None if found is None else found.number


def test_means_are_over_the_complete_repeats_of_a_point() -> None:
    means = point_means(REPEATED)
    assert str(means[point_key({"latent_size": 16})]) == "0.650 ±0.050 (3)"
    assert str(means[point_key({"latent_size": 32, "seed": 9})]) == "0.990 ±0.000 (1)"


def test_the_top_trials_are_of_different_points_the_best_mean_first() -> None:
    """Point 32, of which a repeat failed, is not among them."""
    assert [one.number for one in top_trials(REPEATED, 3)] == [4, 0]
    assert top_trials(REPEATED, 1) == (REPEATED.best(),)
    assert [one.number for one in repeats_of(REPEATED, REPEATED.trial(4))] == [3, 5]
    assert top_trials(sweep(trial(0, 8, 0.5, "pruned")), 3) == ()


def test_the_best_is_the_best_repeat_of_the_point_with_the_best_mean() -> None:
    assert best(REPEATED) == 4


def test_a_point_that_is_not_complete_with_every_seed_is_best_only_if_none_is() -> None:
    assert best(sweep(*REPEATED.trials[5:], repeat=3)) == 6
    assert best(sweep(trial(0, 8, 0.2, "pruned"), trial(1, 16, 0.4, "pruned"), repeat=3)) == 1
    assert best(sweep(trial(0, 8, None, "failed"))) is None


def test_without_repeats_the_best_score_is_the_best_and_the_first_of_equals() -> None:
    assert best(sweep(trial(0, 8, 0.2), trial(1, 16, 0.4), trial(2, 32, 0.4), trial(3, 32, 0.9, "pruned"))) == 1


def test_the_table_ranks_by_means_and_shows_their_spread() -> None:
    board = leaderboard(REPEATED)
    assert [row.trial.number for row in board.rows][:4] == [4, 6, 3, 5]
    column = board.headings.index("mean ±sd (n)")
    assert [row.cells[column] for row in board.rows if row.trial.number in (0, 4)] == ["0.650 ±0.050 (3)", "0.500 ±0.346 (3)"]
    (line,) = [line for line in status_lines(REPEATED) if isinstance(line, str) and line.startswith("best")]
    assert line.endswith("eval/probe_accuracy 0.700, on the mean 0.650 ±0.050 of 3 seeds")


FRONT = sweep(
    trial(0, 8, 0.5, seconds=10.0),
    trial(1, 16, 0.7, seconds=20.0),
    trial(2, 32, 0.6, seconds=30.0),
    trial(3, 64, 0.8, seconds=40.0),
    trial(4, 65, 0.9, "pruned", seconds=1.0),
    trial(5, 66, 0.95),
    trial(6, 67, 0.5, seconds=10.0),
    objectives=TWO,
)


def test_the_front_has_the_complete_trials_that_nothing_beats_in_every_objective() -> None:
    assert front(FRONT) == (0, 1, 3, 6)
    assert front(sweep(*FRONT.trials)) == ()


def test_the_best_of_several_objectives_is_that_with_most_of_the_first() -> None:
    assert best(sweep(*FRONT.trials[:4], objectives=TWO)) == 3


def test_repeats_are_on_the_front_by_their_means_and_once() -> None:
    repeats = [trial(n, size, score, seed=n % 2, seconds=s) for n, (size, score, s) in enumerate(
        [(8, 0.5, 10.0), (8, 0.7, 30.0), (16, 0.65, 10.0), (16, 0.65, 20.0), (32, 0.9, 50.0), (32, 0.8, 50.0)]
    )]  # fmt: skip
    assert front(sweep(*repeats, objectives=TWO, repeat=2)) == (2, 4)


def test_the_front_is_told_in_the_summary_the_table_and_the_json(tmp_path: Path) -> None:
    assert "front    0, 1, 3, 6: trials that none beats in every objective" in status_lines(FRONT)
    marked = [str(cell) for cell in trial_table(FRONT).columns[0].cells]
    assert marked == ["* 5", "4", "+ 3", "+ 1", "2", "+ 0", "+ 6"]
    assert "seconds" in leaderboard(FRONT).headings
    assert to_json(FRONT)["front"] == [0, 1, 3, 6] and to_json(REPEATED)["front"] == []
    write_status(tmp_path / "status.json", FRONT)
    assert json.loads((tmp_path / "status.json").read_text())["objectives"] == list(TWO)
    assert read_status(tmp_path / "status.json") == FRONT
