"""The first page of sweeps of which little or nothing came out, and of matchers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from curve_sweep import material_of, write_curve_sweep
from planned_status import sweep, trial

from tune.analysis.leaderboard import leaderboard, leaderboard_markdown, trial_table
from tune.ledger.status import SweepStatus, TrialStatus
from tune.ledger.summary import worry_lines
from tune.pages.early_stopping import stopping_page
from tune.pages.material import Material
from tune.pages.measures import measure_of
from tune.pages.shell import Page, html
from tune.pages.summary import summary_page
from tune.pages.trial_figure import trial_figure
from tune.sweep_file.spec import parse_sweep

RATIO = "eval/match_ratio"


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return material_of(write_curve_sweep(tmp_path_factory.mktemp("home"), trials=4))


def changed(material: Material, change: Callable[[TrialStatus], TrialStatus], **more: object) -> Material:
    status = material.status
    return replace(material, status=replace(status, trials=tuple(map(change, status.trials)), **more))  # type: ignore[arg-type]


def failed(one: TrialStatus) -> TrialStatus:
    return replace(one, state="failed", score=None, metrics={}, epochs=0, reason="ValueError: no such band")


def steps(page: Page) -> list[str]:
    [section] = [section for section in page.sections if section.heading == "What to run next"]
    [found] = section.parts
    assert isinstance(found, list)
    return found


def test_a_sweep_whose_trials_all_failed_says_why_and_is_not_to_be_extended(material: Material) -> None:
    page = summary_page(changed(material, failed, state="failed"))
    assert page.basis == "4 trials of 4 (4 failed); the sweep has failed."
    assert page.answer == ("No trial has ended with a score: 4 failed, the first with 'ValueError: no such band'.",)
    assert [step.partition(" failed")[0] for step in steps(page)] == ["See why 4 trials of 4"]


def test_a_sweep_of_one_trial_is_told_in_the_singular(material: Material) -> None:
    one = replace(material.status, trials=material.status.trials[:1], budget_trials=1)
    page = summary_page(replace(material, status=one))
    assert any(step.startswith("Go on: 1 trial is few for 5 settings") for step in steps(page))
    assert "where 1 trial of 27 would have taken 27" in html(page)


def test_a_space_of_which_every_point_was_trained_is_not_to_be_extended(material: Material) -> None:
    whole = {"name": "all-tried", "search": {"latent_size": {"choice": [4, 8, 16, 32]}, "effect_split": [[]]}}
    assert any(step.startswith("Go on") for step in steps(summary_page(material)))
    assert not any(step.startswith("Go on") for step in steps(summary_page(replace(material, sweep=parse_sweep(whole)))))


def test_a_sweep_without_trials_has_no_empty_table(material: Material) -> None:
    page = summary_page(replace(material, status=replace(material.status, trials=(), state="stopped", budget_trials=4)))
    assert page.basis == "0 trials of 4; the sweep was stopped."
    assert "All trials" not in [section.heading for section in page.sections]
    assert steps(page) == ["Go on: fxsweep resume curves"]


def test_the_table_begins_with_the_scores(material: Material) -> None:
    page = html(summary_page(material))
    head = page.partition("All trials")[2].partition("</thead>")[0]
    places = [head.index(f">{heading}<") for heading in ("trial", "probe", "untrained", "state", "learning rate", "epochs")]
    assert places == sorted(places)


def test_where_no_trial_was_stopped_early_nothing_is_said_to_be_saved(material: Material) -> None:
    def complete(one: TrialStatus) -> TrialStatus:
        return replace(one, state="complete")

    page = stopping_page(changed(material, complete))
    assert page is not None and page.answer[0] == "No trial was stopped early."
    assert "up to" not in html(page) and "failed, or not at its end yet" not in html(page)
    unended = stopping_page(changed(material, lambda one: replace(complete(one), state="failed")))
    assert unended is not None and "failed, or not at its end yet" in html(unended)


def test_a_score_is_rounded_as_in_the_table() -> None:
    for value in (0.5575, 0.4025, 0.3125, 0.0625):
        assert measure_of("eval/probe_accuracy").text(value) == f"{100 * float(f'{value:.3f}'):.1f}"


def matched(number: int, score: float) -> TrialStatus:
    params = {"learning_rate": 0.001 * (1 + number), "effect_split": "all"}
    metrics = {RATIO: score, f"{RATIO}/paired": score / 2, f"{RATIO}/blind": 1.5 * score}
    return replace(trial(number), params=params, score=score, metrics=metrics)


LEAST = {"metric": RATIO, "mode": "min"}
MATCHERS: SweepStatus = replace(sweep(matched(0, 0.6), matched(1, 0.4), state="complete"), objective=LEAST)


def test_of_matchers_tables_show_what_is_left_and_nothing_of_embeddings() -> None:
    board = leaderboard(MATCHERS)
    assert board.headings == ("trial", "state", "learning_rate", "held out", "epochs", "left of nothing", "paired", "blind")
    assert [row.cells[3] for row in board.rows] == ["none", "none"], "all effects were heard"
    told = leaderboard_markdown(MATCHERS) + str(trial_table(MATCHERS).caption)
    assert "PCA" not in told and "doing nothing" in told
    [line] = worry_lines(MATCHERS, ())
    assert "fxsweep evaluate" in line


def test_of_matchers_the_summary_says_what_doing_nothing_leaves(material: Material) -> None:
    page = summary_page(replace(material, status=MATCHERS, courses={}))
    assert "share of the distance left 40.0 %; doing nothing leaves 100.0 %" in page.answer[0]
    assert "lowest share of the distance left?" in page.question
    assert "PCA" not in html(page) and "Intervals" not in html(page)
    assert trial_figure(replace(material, status=MATCHERS)).marks
