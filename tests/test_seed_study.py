"""The seed study's report, of real (tiny) trainings with one effect an epoch: its answer, its table, its page."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from synthetic_blocks import CONFIG, SyntheticSource, with_model, with_train

from trainables.diagnosis.diagnosis import Check, TrialRecord, diagnose
from trainables.maps.validation_figure import Reading, draw_readings
from trainables.training.fit import fit
from tune.analysis.seed_study import ALL, ONE, SeedTrial, answer, short_answer
from tune.ledger.home import SweepFolder
from tune.pages.seed_study import seed_page
from tune.pages.shell import html

BASE = with_train(CONFIG, effect_schedule="per_epoch", max_epochs=9, patience=3)
PNG = b"\x89PNG not really"


def trial(number: int, seen: str, validate_on: str) -> SeedTrial:
    config = with_train(with_model(BASE, input=seen), validate_on=validate_on)
    metrics = tuple(epoch.metrics for epoch in fit(config, SyntheticSource(config)))
    record = TrialRecord(config, metrics, "max_epochs")
    return SeedTrial(number, f"trial {number}", record, diagnose(record))


@pytest.fixture(scope="module")
def trials() -> tuple[SeedTrial, ...]:
    return trial(0, "wet", "epoch_effect"), trial(1, "wet", "all_effects"), trial(2, "difference", "all_effects")


def with_verdict(of: SeedTrial, verdict: str) -> SeedTrial:
    return replace(of, checks=tuple(replace(check, verdict=verdict) for check in of.checks))


def test_the_answer_is_yes_if_there_is_anything_to_worry_about_and_no_if_not(trials: tuple[SeedTrial, ...]) -> None:
    assert answer([with_verdict(trials[0], "worry"), *trials[1:]])[0] == "Yes."
    assert answer([with_verdict(trials[0], "fine"), *trials[1:]])[0] == "No."


def test_the_answer_names_what_the_first_trial_did_and_what_each_twin_changes(trials: tuple[SeedTrial, ...]) -> None:
    _, stopped, turn, taught, first_twin, second_twin, to_do = answer(trials)
    assert f"after {len(trials[0].record.epochs)} epochs and kept epoch {trials[0].kept}, the turn of" in stopped
    assert trials[0].kept_effect in BASE.trained_effects and re.search(r"[\d.]+ times as hard as \w+", turn)
    assert "the untrained encoder" in taught and "PCA of the same size" in taught
    assert first_twin.startswith("Trial 1, which looks at all trained effects, runs")
    assert second_twin.startswith("Trial 2, which hears wet minus dry and looks at all trained effects, runs")
    assert "times faster" in to_do


def with_order(of: SeedTrial, verdict: str) -> SeedTrial:
    told = Check("effect_order", "12% of the variance", verdict, "It takes 2 rounds.")  # type: ignore[arg-type]
    return replace(of, checks=tuple(told if check.name == "effect_order" else check for check in of.checks))


@pytest.mark.parametrize(
    ("verdict", "begin", "end"),
    [
        ("worry", "Its validation loss depends on whose turn it is: ", "12% of the variance."),
        ("fine", "Its validation loss does not clearly depend on whose turn it is: ", "12% of the variance."),
        ("unknown", "Whether its validation loss depends on whose turn it is cannot be told: ", "It takes 2 rounds."),
    ],
)
def test_that_the_loss_follows_the_effect_is_said_only_if_it_was_found(
    trials: tuple[SeedTrial, ...], verdict: str, begin: str, end: str
) -> None:
    turn = answer([with_order(trials[0], verdict)])[2]
    assert turn.startswith(begin) and turn.endswith(end) and "times as hard as" in turn


def test_effects_that_had_no_turn_are_not_compared(trials: tuple[SeedTrial, ...]) -> None:
    first, *_ = trials[0].record.epochs
    once = replace(trials[0], record=replace(trials[0].record, epochs=(first,)))
    said = answer([once])
    assert "times as hard" not in said[2] and "stopped after 1 epoch and kept" in said[1]


def test_a_twin_that_differs_in_other_settings_only_is_named_by_them(trials: tuple[SeedTrial, ...]) -> None:
    told = answer([trials[0], replace(trials[0], number=7, name="z8")])[4]
    assert told.startswith("Trial 7, the same with other settings (z8), runs 9 epochs, keeps epoch")


def test_the_speed_is_that_of_the_epochs_without_our_own_evaluation(trials: tuple[SeedTrial, ...]) -> None:
    slow = {"seconds/render_wait": 1.0, "seconds/train": 2.0, "seconds/validate": 0.5, "seconds/evaluate": 99.0}
    timed = replace(trials[0], record=replace(trials[0].record, epochs=tuple({**e, **slow} for e in trials[0].record.epochs)))
    assert timed.epoch_seconds == 3.5
    assert "took 3.5 s, 86 times faster" in answer([timed])[-1]
    assert short_answer([timed]).endswith("took 3.5 s, 86 times faster.") and short_answer([timed]).split()[0] in ("Yes.", "No.")
    slower = tuple({**epoch, "seconds/train": 597.0} for epoch in timed.record.epochs)
    assert "took 598.5 s, 0.5 times as fast" in short_answer([replace(timed, record=replace(timed.record, epochs=slower))])


def test_the_page_is_one_file_with_table_curves_and_the_figures_that_there_are(
    trials: tuple[SeedTrial, ...], tmp_path: Path
) -> None:
    folder = SweepFolder(tmp_path / "seed")
    folder.pictures(1).mkdir(parents=True)
    (folder.pictures(1) / "figure.png").write_bytes(PNG)
    page = html(seed_page(trials, folder))
    assert page.count("<tr") == 1 + 3 and page.count("data:image/png") == 1 + 1
    assert "Trial 1: hears the wet clip alone, stops by all trained effects" in page
    assert not re.search(r"(src|href)=\"http", page)


def test_a_page_without_figures_has_no_map(trials: tuple[SeedTrial, ...], tmp_path: Path) -> None:
    assert "<h2>The map</h2>" not in html(seed_page(trials, SweepFolder(tmp_path)))


def test_names_that_look_like_markup_stay_text(trials: tuple[SeedTrial, ...], tmp_path: Path) -> None:
    odd = replace(trials[0], checks=(*trials[0].checks, Check("<b>", "1", "worry", "x")))
    page = html(seed_page([odd], SweepFolder(tmp_path)))
    assert "&lt;b&gt;" in page and "<b>" not in page


def test_each_panel_shows_both_losses_and_the_epoch_that_was_kept(trials: tuple[SeedTrial, ...]) -> None:
    readings = [Reading("a", BASE.trained_effects, of.record.curve(ONE), of.record.curve(ALL), of.kept) for of in trials]
    figure = draw_readings(readings)
    shown = [axes for axes in figure.axes if axes.get_visible()]
    assert len(shown) == 3 and [axes.get_title(loc="left") for axes in shown] == ["a"] * 3
    labels = shown[0].get_legend_handles_labels()[1]
    assert set(labels) == {"epoch that was kept", "loss of all trained effects", *(f"loss of {e}" for e in BASE.trained_effects)}
    assert sum(len(points.get_offsets()) for points in shown[0].collections) == len(trials[0].record.epochs)
