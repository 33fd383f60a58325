"""Render actors on nodes of their own, and what becomes of them when such a node is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parent / "rendering_on_nodes.py"


@pytest.mark.slow
def test_actors_live_on_rendering_nodes_and_elsewhere_once_those_are_lost_with_the_same_bytes(
    tmp_path: Path,
) -> None:
    environment = os.environ | {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}  # loopback only
    command = [sys.executable, PROGRAM, tmp_path / "seen.json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    seen = json.loads((tmp_path / "seen.json").read_text(encoding="utf-8"))
    assert seen["actors"] == 2 and seen["on_node"] and seen["same"]
    assert seen["counts"]["different_blocks"] == 0 and seen["counts"]["rendered_takes"] >= 1280
