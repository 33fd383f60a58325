"""Which backend is used, and what is told where it cannot be."""

import subprocess
import sys

import pytest

from trainables.effects import load_effects, resolve_backend
from trainables.errors import InputError


def test_auto_prefers_mda():
    assert resolve_backend("auto") == "mda"
    assert resolve_backend("pedalboard") == "pedalboard"


def test_without_the_plugins_auto_falls_back_and_mda_tells_how_to_get_them(monkeypatch, tmp_path):
    monkeypatch.setenv("LV2_PATH", str(tmp_path))
    assert resolve_backend("auto") == "pedalboard"
    assert load_effects("auto")["delay"].backend == "pedalboard"
    with pytest.raises(InputError, match="apt install mda-lv2"):
        load_effects("mda")


def test_unknown_backend_is_refused_with_the_nearest_name():
    with pytest.raises(InputError, match="Did you mean 'pedalboard'"):
        resolve_backend("pedalbord")


def test_naming_effects_loads_no_backend():
    code = "import sys, trainables.effects; sys.exit('pedalboard' in sys.modules or 'torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
