"""Trials beside each other: which ones, what is told of each, and what wrong input is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from curve_sweep import METRIC, material_of, write_curve_sweep

from tune.analysis.compare import AT_ONCE, chosen_trials, comparison
from tune.cli import main
from tune.errors import InvalidInput
from tune.ledger.home import SweepFolder
from tune.pages.material import Material


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> SweepFolder:
    return write_curve_sweep(tmp_path_factory.mktemp("home"), trials=9)


@pytest.fixture(scope="module")
def material(folder: SweepFolder) -> Material:
    return material_of(folder)


def test_those_that_are_named_come_in_that_order_each_once(material: Material) -> None:
    assert [trial.number for trial in chosen_trials(material, "7, 3,7,0")] == [7, 3, 0]


def test_unasked_the_best_are_compared(material: Material) -> None:
    found = chosen_trials(material, None)
    assert found == material.ranked[:AT_ONCE] and found[0] == material.status.best()


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("3,99", r"trial '99'.*no trial of this number"),
        ("x", "trial 'x'"),
        (",", "0 trials"),
        ("0,1,2,3,4,5,6", "7 trials.*1 to 6"),
    ],
)
def test_wrong_numbers_are_refused_with_what_to_write(material: Material, wanted: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        chosen_trials(material, wanted)


def test_rows_say_where_trials_differ(material: Material) -> None:
    trials = chosen_trials(material, "0,1")
    rows = {row.name: row for row in comparison(material, trials)}
    assert rows["learning rate"].kind == "setting" and rows["state"].kind == "score"
    sizes = [trial.params["latent_size"] for trial in trials]
    assert rows["latent size"].cells == tuple(map(str, sizes)) and rows["latent size"].differs == (sizes[0] != sizes[1])
    score = trials[0].metrics[METRIC]
    assert rows["probe accuracy (%)"].cells[0] == f"{100 * score:.1f} ({100 * score - 4.5:.1f} to {100 * score + 4.5:.1f})"
    assert rows["untrained encoder (%)"].cells == ("36.0 (31.0 to 41.0)",) * 2


def test_the_command_prints_the_table_and_writes_the_page(folder: SweepFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "curves", "--home", str(folder.path.parent), "--trials", "1,2", "--no-open"]) == 0
    said = capsys.readouterr().out
    page = folder.path / "compared" / "trials-1-2.html"
    assert "trial 1" in said and "learning rate" in said and str(page) in said.replace("\n", "")
    assert "How do trials 1 and 2 differ?" in page.read_text(encoding="utf-8")
    assert (folder.path / "compared" / "trials-1-2" / "side_by_side_curves.png").is_file()


def test_programs_get_one_object(folder: SweepFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "curves", "--home", str(folder.path.parent), "--trials", "2,1", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert [trial["number"] for trial in facts["trials"]] == [2, 1] and Path(facts["page"]).is_file()
    first = facts["trials"][0]
    assert first["curve"]["values"][-1] == first["score"] == first["metrics"][METRIC]


def test_a_sweep_that_is_not_there_is_answered_with_the_nearest(folder: SweepFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "curve", "--home", str(folder.path.parent)]) == 2
    assert "Did you mean 'curves'" in " ".join(capsys.readouterr().err.split())
