from __future__ import annotations

from tune.planning.effects_here import effects_not_here
from tune.sweep_file.effects_section import Effects


def test_nothing_is_said_of_effects_that_are_here() -> None:
    assert list(effects_not_here(Effects(backend="mda", add={"crunch": "overdrive > combo"}))) == []


def test_each_effect_that_cannot_be_used_here_is_named_with_the_reason() -> None:
    effects = Effects(backend="pedalboard", add={"tube": "lv2:urn:nobody:tube"}, knobs={"delay.mix": 7})
    delay, tube = effects_not_here(effects)
    assert "delay" in delay and "must lie in 0 to 1" in delay
    assert "tube" in tube and "urn:nobody:tube" in tube


def test_a_backend_that_is_not_installed_is_told_once(monkeypatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("LV2_PATH", str(tmp_path))
    [told] = effects_not_here(Effects(backend="mda"))
    assert "apt install mda-lv2" in told
