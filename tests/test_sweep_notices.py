"""A whole sweep that tells a webhook, which is nowhere named afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_sweep import changed, fxsweep, write_sweep
from webhooks import SECRET, webhook

pytestmark = pytest.mark.slow
ONE = {"budget": {"trials": 1}, "train": {"workers": 0, "max_epochs": 1}, "scheduler": {"type": "none"}}


@pytest.mark.parametrize("by_name", [True, False])
def test_a_sweep_tells_its_best_and_its_end_and_keeps_no_address(tmp_path: Path, by_name: bool) -> None:
    with webhook() as hook:
        spec = changed(**ONE) | {"scheduler": {"type": "none"}}
        spec |= {"notify": {"url": "$FX_HOOK" if by_name else hook.url, "on": ["best", "ended"]}}
        done = fxsweep("run", str(write_sweep(tmp_path, spec)), "--home", str(tmp_path / "home"), FX_HOOK=hook.url)
        assert done.returncode == 0, done.stdout + done.stderr
        told = [(note["event"], note["name"], note["best"]["trial"]) for note in hook.notes]
        assert told == [("best", "small", 0), ("ended", "small", 0)]
        assert hook.notes[-1]["state"] == "complete" and SECRET not in done.stdout + done.stderr
    files = [file for file in (tmp_path / "home").rglob("*") if file.is_file()]
    assert len(files) > 10 and [file for file in files if SECRET.encode() in file.read_bytes()] == []
