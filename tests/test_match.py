"""`fxsweep match` as a user runs it: real files, real plugins, wrong input, and what comes out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from small_matcher import CORPUS, matcher_folder

from trainables.matching.matcher_file import MATCHER_FILE
from tune.cli import main

Run = Callable[..., tuple[int, str, str]]
RATE = CORPUS.audio.sample_rate


def write(path: Path, audio: np.ndarray, sample_rate: int = RATE) -> str:
    soundfile.write(path, audio.T, sample_rate, subtype="FLOAT")
    return str(path)


@pytest.fixture
def fxsweep(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FXSWEEP_HOME", str(tmp_path / "runs"))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    write(tmp_path / "in.wav", CORPUS.recordings[5].samples[:, : 2 * RATE])
    write(tmp_path / "before.wav", CORPUS.recordings[0].samples[:, : 2 * RATE])
    assert main(["render", "before.wav", "overdrive", "--set", "drive=0.7", "--set", "muffle=0.5", "-o", "after.wav"]) == 0

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(["match", *arguments])
        return code, *capsys.readouterr()

    return run


PAIRED = ("in.wav", "after.wav", "--reference-dry", "before.wav", "--effect", "overdrive", "--renders", "40")


def test_settings_are_found_written_and_rendered_again_to_the_same_sound(fxsweep: Run, tmp_path: Path) -> None:
    code, out, err = fxsweep(*PAIRED, "-o", "out.wav", "--json")
    facts = json.loads(out)
    assert code == 0 and "listening through overdrive" in err
    assert facts["effect"] == "overdrive" and not facts["did_nothing"] and facts["mode"] == "paired"
    assert facts["settings"]["muffle"] == pytest.approx(0.5, abs=0.05)
    assert facts["distance_after"] < 0.2 * facts["distance_before"] and facts["renders"] == 40
    assert json.loads((tmp_path / "out.json").read_text()) == facts
    assert main(["render", "in.wav", "--settings", "out.json", "-o", "again.wav"]) == 0
    ours, theirs = (soundfile.read(name, dtype="float32")[0] for name in ("out.wav", "again.wav"))
    np.testing.assert_array_equal(ours, theirs)


def test_what_was_done_is_told_in_words_and_a_gain_of_the_reference_is_taken_over(fxsweep: Run, tmp_path: Path) -> None:
    louder, _ = soundfile.read("after.wav", dtype="float32", always_2d=True)
    write(tmp_path / "after.wav", 0.5 * louder.T)
    code, out, _ = fxsweep(*PAIRED, "-o", "out.wav")
    assert code == 0
    level_db = re.search(r"level ([+-][0-9.]+) dB", out)
    assert out.startswith("out.wav: overdrive (mda) with drive ") and level_db is not None
    assert float(level_db[1]) == pytest.approx(-6.0, abs=0.8)
    assert "A close match: the distance to the reference fell from " in out and "over 40 renders" in out


def test_where_nothing_was_done_the_input_comes_out_bit_for_bit(fxsweep: Run) -> None:
    code, out, _ = fxsweep("in.wav", "before.wav", "--reference-dry", "before.wav", "--effect", "overdrive", "-o", "out.wav")
    assert code == 0 and out.startswith("out.wav: the input as it is.")
    ours, theirs = (soundfile.read(name, dtype="float32")[0] for name in ("out.wav", "in.wav"))
    np.testing.assert_array_equal(ours, theirs)
    assert main(["render", "in.wav", "--settings", "out.json", "-o", "again.wav"]) == 0
    np.testing.assert_array_equal(soundfile.read("again.wav", dtype="float32")[0], theirs)


def test_stereo_at_another_rate_and_a_chain_keep_the_inputs_rate_and_channels(fxsweep: Run, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(0.0, 0.1, (2, 22_050)).astype(np.float32)
    write(tmp_path / "wide.wav", noise, 22_050)
    given = ("wide.wav", "after.wav", "--reference-dry", "before.wav", "--effect", "overdrive > limiter", "--renders", "12")
    code, out, _ = fxsweep(*given, "-o", "out.flac", "--json")
    found, rate = soundfile.read("out.flac", always_2d=True)
    assert code == 0 and json.loads(out)["effect"] == "overdrive > limiter"
    assert found.shape == (22_050, 2) and rate == 22_050


def test_a_model_proposes_without_trying_and_with_a_page_to_listen_to(fxsweep: Run, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    matcher_folder(folder)
    code, out, _ = fxsweep(
        "in.wav", "after.wav", "--model", "model", "--effect", "overdrive", "--renders", "0", "-o", "out.wav", "--json"
    )
    facts = json.loads(out)
    assert (
        code == 0
        and facts["renders"] == 0
        and facts["mode"] == "blind"
        and set(facts["settings"]) == {"drive", "muffle", "output"}
    )
    code, out, _ = fxsweep("in.wav", "after.wav", "--model", "model", "--renders", "24", "-o", "out.wav", "--page", "page.html")
    assert code == 0 and ("Of 2 effects " in out or "the input as it is" in out)
    page = (tmp_path / "page.html").read_text()
    assert page.count("data:audio/mpeg;base64,") == 3 and page.count("data:image/png;base64,") == 3
    assert "in.wav in the style of after.wav" in page and "{{" not in page


def with_gate(folder: Path, before_db: float, after_db: float) -> None:
    """A model whose blind proposals all left so much on its validation takes."""
    folder.mkdir()
    path = matcher_folder(folder) / MATCHER_FILE
    with safe_open(path, framework="pt") as file:
        about, weights = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # not a dict
    for name in weights:
        if name.endswith("gate.distances"):
            weights[name] = torch.tensor([before_db, after_db]).expand_as(weights[name]).contiguous()
    save_file(weights, path, metadata=about)


def test_a_proposal_that_is_foreseen_to_gain_nothing_is_not_taken(fxsweep: Run, tmp_path: Path) -> None:
    with_gate(tmp_path / "gated", 2.0, 3.0)
    with_gate(tmp_path / "open", 2.0, 0.5)
    asked = ("in.wav", "after.wav", "--effect", "overdrive", "--renders", "3", "-o", "out.wav")
    code, out, _ = fxsweep(*asked, "--model", "gated")
    assert code == 0 and "the input as it is. Nothing was tried: the model foresees" in out
    np.testing.assert_array_equal(*(soundfile.read(name, dtype="float32")[0] for name in ("out.wav", "in.wav")))
    code, out, _ = fxsweep(*asked, "--model", "open")
    assert code == 0 and "it foresees that the distance falls from 2.00 to 0.50 dB" in out


@pytest.mark.parametrize("effect", ["overdrive", "auto"])
def test_blind_an_input_that_is_the_reference_is_left_alone_and_no_model_is_spoken_of(fxsweep: Run, effect: str) -> None:
    code, out, _ = fxsweep("in.wav", "in.wav", "--effect", effect, "--renders", "16", "-o", "out.wav")
    assert code == 0 and out == "out.wav: the input as it is. It sounds like the reference already.\n"
    np.testing.assert_array_equal(*(soundfile.read(name, dtype="float32")[0] for name in ("out.wav", "in.wav")))


def test_blind_what_is_expected_is_not_told_as_if_it_were_heard(fxsweep: Run) -> None:
    code, out, _ = fxsweep("in.wav", "after.wav", "--effect", "overdrive", "--renders", "24", "-o", "out.wav")
    assert code == 0 and "expected and not heard" in out and "match" not in out and "model" not in out


def test_an_effect_whose_source_says_what_it_is_is_not_told_with_a_backend(fxsweep: Run) -> None:
    asked = ("in.wav", "after.wav", "--reference-dry", "before.wav", "--effect", "mda:overdrive", "--renders", "12")
    code, out, _ = fxsweep(*asked, "-o", "out.wav")
    assert code == 0 and out.startswith("out.wav: mda:overdrive with drive ")


def test_blind_of_other_content_and_no_effect_told_nothing_is_done_and_why_is_told(fxsweep: Run, tmp_path: Path) -> None:
    write(tmp_path / "tone.wav", 0.1 * np.sin(2.0 * np.pi * 60.0 * np.arange(2 * RATE) / RATE)[None])
    code, out, _ = fxsweep("in.wav", "tone.wav", "--renders", "18", "-o", "out.wav")
    assert code == 0 and out.startswith("out.wav: the input as it is. Its content is another one than the reference's")
    assert "none of 9 effects sounds like it" in out and "comes nearest" not in out and "likeliest" not in out
    np.testing.assert_array_equal(*(soundfile.read(name, dtype="float32")[0] for name in ("out.wav", "in.wav")))


@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_a_loud_reference_does_not_make_the_result_clip(fxsweep: Run, tmp_path: Path, suffix: str) -> None:
    loud, _ = soundfile.read("after.wav", dtype="float32", always_2d=True)
    write(tmp_path / "after.wav", 100.0 * loud.T)
    code, out, _ = fxsweep(*PAIRED, "-o", f"out.{suffix}")
    assert code == 0 and re.search(r"level [+-][0-9.]+ dB, [0-9.]+ dB below the reference's, so that it does not clip\.", out)
    assert 0.99 < np.abs(soundfile.read(f"out.{suffix}", dtype="float32")[0]).max() < 1.0
    assert main(["render", "in.wav", "--settings", "out.json", "-o", f"again.{suffix}"]) == 0
    np.testing.assert_array_equal(*(soundfile.read(f"{name}.{suffix}", dtype="float32")[0] for name in ("out", "again")))


REFUSED = [
    (("no.wav", "after.wav", "--effect", "overdrive", "-o", "out.wav"), "input 'no.wav': there is no such file."),
    (("in.wav", "no.wav", "--effect", "overdrive", "-o", "out.wav"), "reference 'no.wav': there is no such file."),
    (("in.wav", "after.wav", "--effect", "overdriv", "-o", "out.wav"), "Did you mean 'overdrive'"),
    (("in.wav", "after.wav", "--effect", "overdrive", "-o", "in.wav"), "is the input itself"),
    (("in.wav", "after.wav", "--effect", "overdrive", "-o", "out.txt"), "names no format"),
    (("in.wav", "after.wav", "--reference-dry", "short.wav", "-o", "out.wav"), "the same recording before and after"),
    (("in.wav", "nan.wav", "--effect", "overdrive", "-o", "out.wav"), "reference 'nan.wav': has samples that are NaN"),
    (("folder", "after.wav", "--effect", "overdrive", "-o", "out.wav"), "input 'folder': is a folder."),
    (("in.wav", "after.wav", "--effect", "overdrive", "-o", "./after.wav"), "is after.wav itself, which is read"),
    ((*PAIRED, "-o", "before.wav"), "is before.wav itself, which is read"),
    ((*PAIRED, "-o", "out.wav", "--page", "in.wav"), "--page 'in.wav': is in.wav itself"),
    ((*PAIRED, "-o", "out.wav", "--page", "out.json"), "--page 'out.json': is also the output's settings."),
    ((*PAIRED, "-o", "out.wav", "--page", "no/page.html"), "--page 'no/page.html': cannot be written there."),
    (("in.wav", "silent.wav", "--effect", "overdrive", "-o", "out.wav"), "reference 'silent.wav': is silent."),
    (("in.wav", "after.wav", "--renders", "0", "-o", "out.wav"), "without a model the effect must be tried"),
    (("in.wav", "after.wav", "--renders", "8", "-o", "out.wav"), "each of 9 effects must be tried"),
    (("in.wav", "after.wav", "--effect", "chain", "-o", "out.wav"), "Give --reference-dry, or name the chain"),
    (("in.wav", "after.wav", "--renders", "-3", "-o", "out.wav"), "whole number from 0"),
    (("in.wav", "after.wav", "--model", "nowhere", "-o", "out.wav"), "nowhere"),
    (("in.wav", "after.wav", "--distance", "metric", "-o", "out.wav"), "without --reference-dry there are none"),
    ((*PAIRED, "--distance", "embedding", "-o", "out.wav"), "there is no model to listen by"),
    ((*PAIRED, "--distance", "embedding", "--embedding", "nowhere", "-o", "out.wav"), "nowhere"),
]


@pytest.mark.parametrize(("arguments", "told"), REFUSED)
def test_wrong_input_is_refused_in_one_paragraph(fxsweep: Run, tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    write(tmp_path / "short.wav", CORPUS.recordings[0].samples[:, :RATE])
    write(tmp_path / "silent.wav", np.zeros((1, RATE), np.float32))
    write(tmp_path / "nan.wav", np.full((1, RATE), np.nan, np.float32))
    (tmp_path / "folder").mkdir()
    code, out, err = fxsweep(*arguments)
    assert code == 2 and out == "" and "Traceback" not in err
    assert told in " ".join(err.split())
    assert not (tmp_path / "out.wav").exists() and not (tmp_path / "out.json").exists()


@pytest.mark.parametrize(
    ("text", "told"), [("{", "is no JSON"), ("{}", "needs effect, backend and settings"), (None, "cannot be read")]
)
def test_settings_that_are_none_are_refused(
    fxsweep: Run, tmp_path: Path, text: str | None, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if text is not None:
        (tmp_path / "bad.json").write_text(text)
    capsys.readouterr()
    assert main(["render", "in.wav", "--settings", "bad.json", "-o", "x.wav"]) == 2
    assert told in " ".join(capsys.readouterr().err.split())
    assert main(["render", "in.wav", "-o", "x.wav"]) == 2
    assert "exactly one must be given" in capsys.readouterr().err


@pytest.mark.parametrize("distance", ["mel", "metric"])
def test_a_search_by_tpe_and_by_another_distance_says_what_it_listened_by(fxsweep: Run, distance: str) -> None:
    code, out, _ = fxsweep(*PAIRED, "--search", "tpe", "--distance", distance, "-o", "out.wav")
    assert code == 0 and ("an upper bound, and no fair result" in out) == (distance == "metric")
    code, out, _ = fxsweep(*PAIRED, "--search", "tpe", "--distance", distance, "-o", "out.wav", "--json")
    facts = json.loads(out)
    assert (facts["distance"], facts["unit"]) == (distance, "dB" if distance == "mel" else "")
    assert facts["distance_after"] < 0.5 * facts["distance_before"] and facts["renders"] == 40
