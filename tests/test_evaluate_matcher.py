"""`fxsweep evaluate` of a matcher: ratios with intervals, every control beside them, and a listening test."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from small_matcher import CORPUS, EFFECTS, matcher_folder

from trainables.matching.measures import UNITS
from trainables.matching.processes import ProcessLost
from trainables.matching.spectral_metrics import METRICS
from tune.cli import main
from tune.evaluation import matcher_contests

MODES = ("paired", "blind")
CELLS = {f"{mode}/{effect}" for mode in MODES for effect in EFFECTS}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = matcher_folder(tmp_path_factory.mktemp("model"))
    known = {part: {r.content_id: r.name for r in CORPUS.partition(part)} for part in ("train", "validation")}  # type: ignore[arg-type]
    (made / "card.json").write_text(json.dumps({"audio": {"content_ids": known}}))
    return made


def evaluate(folder: Path, *more: str) -> int:
    return main(["evaluate", str(folder), "--settings", "4", "--renders", "6", *more])


def facts(folder: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    assert evaluate(folder, "--json", *more) == 0
    return dict(json.loads(capsys.readouterr().out))


def is_estimate(found: dict[str, float]) -> bool:
    return found["low"] <= found["value"] <= found["high"]


def test_every_cell_has_its_ratio_and_every_control_the_same_cells(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "test.html"
    found = facts(folder, capsys, "--workers", "1", "--listening-test", str(page))
    assert set(found["scores"]) == CELLS and found["items"] == 4
    assert all(map(is_estimate, found["scores"].values()))
    assert all(set(scores) == CELLS for scores in found["controls"].values())
    assert {"random settings", "middle settings", "nearest in training", "oracle search", "search alone, 6"} < set(
        found["controls"]
    )
    heard = {r.name for part in ("train", "validation") for r in CORPUS.partition(part)}  # type: ignore[arg-type]
    assert not heard & set(found["recordings"])
    assert found["metric"]["fft_sizes"] == list(METRICS["field"].fft_sizes)
    text = page.read_text()
    assert text.count("hidden reference") == 8 and text.count("random settings") == 8 and "{{" not in text
    assert text.count("anchor, 3.5 kHz") == text.count("nothing done") == 8


def test_every_measure_has_the_same_cells_and_contenders_with_intervals_and_its_unit(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = facts(folder, capsys, "--workers", "1")
    assert {name: measure["unit"] for name, measure in found["measures"].items()} == UNITS
    for measure in found["measures"].values():
        assert set(measure["scores"]) == set(measure["untouched"]) == CELLS
        assert set(measure["controls"]) == set(found["controls"])
        assert all(map(is_estimate, [*measure["scores"].values(), *measure["controls"]["random settings"].values()]))
        assert all(error >= 0.0 for error in measure["untouched"].values())


def test_every_knob_has_its_error_in_its_unit_beside_guessing_the_mean(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = facts(folder, capsys, "--workers", "1")["knobs"]
    assert {row["knob"] for row in rows if row["effect"] == "overdrive"} == {"drive", "muffle"}
    assert all({"unit", "error", "mean_error", "identifiable"} < set(row) and row["error"] >= 0.0 for row in rows)


def test_without_being_told_the_effect_is_sought_in_both_modes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    which = facts(folder, capsys, "--effects", "overdrive", "--workers", "1")["which_effect"]
    assert set(which) == {"candidates", *MODES} and which["candidates"] == list(EFFECTS)
    for mode in MODES:
        assert is_estimate(which[mode]["top_1"]) and which[mode]["top_1"]["chance"] == 0.5
        assert set(which[mode]["top_1"]["by_effect"]) == {"overdrive"}
        assert which[mode]["top_3"]["value"] == 1.0  # of two


def test_results_are_the_same_in_any_number_of_processes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert facts(folder, capsys, "--workers", "1") == facts(folder, capsys, "--workers", "2")


def test_a_process_that_dies_is_told_with_its_remedy(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def dying(*_: object) -> Iterator[None]:
        raise ProcessLost("process 7")
        yield

    monkeypatch.setattr(matcher_contests, "answers", dying)
    assert evaluate(folder) == 6
    assert "process 7: has died while it rendered" in capsys.readouterr().err


def test_the_table_tells_modes_apart_and_says_what_is_beaten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(folder, "--effects", "overdrive", "--workers", "1") == 0
    said = capsys.readouterr()
    out, told = (" ".join(text.split()) for text in said)
    assert out.index("paired") < out.index("paired, by") < out.index("blind") < out.index("blind, by")
    assert "crest factor" in out and "loudness" in out
    assert "of 1 effects, mean ratio" in out and "of 2 identifiable knobs" in out and "never heard" in out
    assert "no effect told: the right one of 2 is first in" in out
    assert "4 items, 4 of each effect" in told and "to tell which of 2 effects it was, in 1 process" in told
    assert max(len(line.rstrip()) for line in said.out.splitlines() if " (0." in line) <= 140


def test_an_effect_that_the_matcher_does_not_know_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(folder, "--effects", "delay") == 2
    assert "the matcher was not trained on it" in " ".join(capsys.readouterr().err.split())


def test_what_is_asked_of_models_that_embed_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(folder, "--against", "x:y") == 2
    assert "--against: is for a model that embeds; " in capsys.readouterr().err
