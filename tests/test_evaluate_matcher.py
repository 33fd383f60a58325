"""`fxsweep evaluate` of a matcher: ratios with intervals, every control beside them, and a listening test."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_matcher import CORPUS, EFFECTS, matcher_folder

from tune.cli import main


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = matcher_folder(tmp_path_factory.mktemp("model"))
    known = {part: {r.content_id: r.name for r in CORPUS.partition(part)} for part in ("train", "validation")}  # type: ignore[arg-type]
    (made / "card.json").write_text(json.dumps({"audio": {"content_ids": known}}))
    return made


def evaluate(folder: Path, *more: str) -> int:
    return main(["evaluate", str(folder), "--settings", "4", "--renders", "6", *more])


def test_every_cell_has_its_ratio_and_every_control_the_same_cells(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "test.html"
    assert evaluate(folder, "--json", "--listening-test", str(page)) == 0
    facts = json.loads(capsys.readouterr().out)
    cells = {f"{mode}/{effect}" for mode in ("paired", "blind") for effect in EFFECTS}
    assert set(facts["scores"]) == cells and facts["items"] == 4
    assert all(score["low"] <= score["value"] <= score["high"] for score in facts["scores"].values())
    assert all(set(scores) == cells for scores in facts["controls"].values())
    assert {"random settings", "middle settings", "nearest in training", "oracle search", "search alone, 6"} < set(
        facts["controls"]
    )
    heard = {r.name for part in ("train", "validation") for r in CORPUS.partition(part)}  # type: ignore[arg-type]
    assert not heard & set(facts["recordings"])
    assert {row["knob"] for row in facts["knobs"] if row["effect"] == "overdrive"} == {"drive", "muffle"}
    text = page.read_text()
    assert text.count("hidden reference") == 8 and text.count("random settings") == 8 and "{{" not in text


def test_the_table_tells_modes_apart_and_says_what_is_beaten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(folder, "--effects", "overdrive") == 0
    out = " ".join(capsys.readouterr().out.split())
    assert out.index("paired") < out.index("blind")
    assert "of 1 effects, mean ratio" in out and "of 2 identifiable knobs" in out and "never heard" in out


def test_an_effect_that_the_matcher_does_not_know_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(folder, "--effects", "delay") == 2
    assert "the matcher was not trained on it" in " ".join(capsys.readouterr().err.split())


def test_what_is_asked_of_models_that_embed_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(folder, "--against", "x:y") == 2
    assert "--against: is for a model that embeds; " in capsys.readouterr().err
