from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from trainables.effects import apply, load_effects
from trainables.errors import InputError
from trainables.parameters import complete
from tune.effects.apply_effect import apply_to_file, parse_settings
from tune.errors import InvalidInput


@pytest.fixture
def dry(tmp_path: Path) -> Path:
    path = tmp_path / "dry.wav"
    noise = np.random.default_rng(0).normal(0, 0.1, (22_050, 2)).astype(np.float32)
    soundfile.write(path, noise, 22_050, subtype="FLOAT")
    return path


@pytest.mark.parametrize("backend", ["mda", "pedalboard"])
def test_a_file_is_rendered_as_the_effect_itself_renders(dry: Path, tmp_path: Path, backend: str) -> None:
    effect = load_effects(backend)["overdrive"]
    settings = {effect.parameters[0].name: effect.parameters[0].high}
    done = apply_to_file(str(dry), "overdrive", settings, backend, str(tmp_path / "wet.wav"))
    samples, sample_rate = soundfile.read(dry, dtype="float32", always_2d=True)
    expected = apply(effect, np.ascontiguousarray(samples.T), sample_rate, complete(effect.parameters, settings))
    wet, wet_rate = soundfile.read(tmp_path / "wet.wav", dtype="float32", always_2d=True)
    assert wet_rate == 22_050 and done.backend == backend
    np.testing.assert_array_equal(wet.T, expected)
    assert not np.array_equal(wet, samples)


def test_what_was_done_is_told_with_every_setting(dry: Path, tmp_path: Path) -> None:
    output = str(tmp_path / "wet.flac")
    done = apply_to_file(str(dry), "overdrive", {"drive": 0.7}, "mda", output)
    assert json.loads(json.dumps(done.facts())) == {
        "input": str(dry), "output": output, "effect": "overdrive", "backend": "mda", "seconds": 1.0,
        "settings": {"drive": 0.7, "muffle": 0.0, "output": 0.5},
    }  # fmt: skip
    assert done.sentence() == f"{output}: 1.0 s of {dry} through overdrive (mda; drive=0.7, muffle=0, output=0.5)."


def test_settings_are_names_and_numbers() -> None:
    assert parse_settings(["drive=0.7", " muffle = 1e-1 "]) == {"drive": 0.7, "muffle": 0.1}
    assert parse_settings([]) == {}


@pytest.mark.parametrize("pair", ["drive", "drive=", "drive=loud", "=", ""])
def test_settings_that_are_none_are_refused(pair: str) -> None:
    with pytest.raises(InvalidInput, match="must be NAME=NUMBER, like --set drive="):
        parse_settings([pair])


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"drvie": 0.5}, "Did you mean 'drive'"),
        ({"drive": 2.0}, "drive"),
        ({"drive": float("nan")}, "drive"),
        ({"": 0.5}, "Valid"),
    ],
)
def test_settings_that_the_effect_has_not_are_refused(dry: Path, tmp_path: Path, settings: dict[str, float], told: str) -> None:
    with pytest.raises(InputError, match=told):
        apply_to_file(str(dry), "overdrive", settings, "mda", str(tmp_path / "wet.wav"))
    assert not (tmp_path / "wet.wav").exists()


def refusal(source: Path, effect: str, output: Path) -> str:
    with pytest.raises((InvalidInput, InputError)) as refused:
        apply_to_file(str(source), effect, {}, "pedalboard", str(output))
    return str(refused.value)


def test_an_unknown_effect_is_answered_with_the_nearest(dry: Path, tmp_path: Path) -> None:
    assert "Did you mean 'overdrive'" in refusal(dry, "overdirve", tmp_path / "wet.wav")


def test_inputs_that_cannot_be_read_are_told_apart(dry: Path, tmp_path: Path) -> None:
    text, empty, output = tmp_path / "text.wav", tmp_path / "empty.wav", tmp_path / "wet.wav"
    text.write_text("no audio")
    soundfile.write(empty, np.zeros((0, 1)), 44_100)
    assert "there is no such file" in refusal(tmp_path / "nowhere.wav", "delay", output)
    assert "there is no such file" in refusal(tmp_path, "delay", output)
    assert "text.wav': cannot be decoded" in refusal(text, "delay", output) and ".." not in refusal(text, "delay", output)
    assert "must not be empty" in refusal(empty, "delay", output)
    assert not output.exists()


def test_outputs_that_cannot_be_written_are_told_before_rendering(dry: Path, tmp_path: Path) -> None:
    assert "Use one of .wav" in refusal(dry, "delay", tmp_path / "wet.docx")
    assert "Use one of .wav" in refusal(dry, "delay", tmp_path / "wet")
    assert "there is no folder" in refusal(dry, "delay", tmp_path / "missing" / "wet.wav")


def test_the_input_is_never_written_over(dry: Path) -> None:
    before = dry.read_bytes()
    assert "is the input itself" in refusal(dry, "delay", dry.parent / "." / "dry.wav")
    assert dry.read_bytes() == before


@pytest.mark.parametrize("suffix", [".wav", ".WAV", ".flac", ".aiff", ".ogg", ".mp3"])
def test_every_suffix_that_is_offered_can_be_written(dry: Path, tmp_path: Path, suffix: str) -> None:
    output = tmp_path / f"wet{suffix}"
    apply_to_file(str(dry), "delay", {}, "pedalboard", str(output))
    assert soundfile.info(output).samplerate == 22_050
