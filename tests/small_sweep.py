"""A sweep that is real in every part and small in every size, for end-to-end tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

SMALL: dict[str, Any] = {
    "name": "small",
    "audio": {"sample_rate": 16000, "clip_samples": 8192},
    "front_end": {"fft_size": 1024, "hop_samples": 1024, "bands": 16},
    "train": {"items_per_epoch": 48, "validation_items": 12, "max_epochs": 4, "batch_size": 16, "workers": 1},
    "evaluation": {"settings_per_effect": 6},
    "search": {"latent_size": [4, 8], "patience": {"int": [1, 2]}, "effect_split": {"hold_out": 3}},
    "scheduler": {"type": "asha", "grace_epochs": 1, "reduction": 2},
    "budget": {"trials": 5},
    "registry": {"model": "fx-small"},
}
RUN_SECONDS = 900  # of a sweep that takes one minute, on a machine that does much else


def changed(**sections: Any) -> dict[str, Any]:
    """SMALL with some keys of its sections set: `changed(train={"workers": 0})`."""
    return {**SMALL, **{k: {**SMALL.get(k, {}), **v} if isinstance(v, dict) else v for k, v in sections.items()}}


def write_sweep(folder: Path, spec: dict[str, Any]) -> Path:
    file = folder / "sweep.yaml"
    file.write_text(yaml.safe_dump(spec))
    return file


def environment() -> dict[str, str]:
    """A user's own: without what the tests' Ray was told."""
    ours = ("RAY_", "TUNE_", "MLFLOW_", "FXSWEEP_", "PYTHONPATH", "OMP_NUM_THREADS")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "tune.cli", *arguments]


def fxsweep(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own."""
    return subprocess.run(
        command(*arguments), capture_output=True, text=True, timeout=RUN_SECONDS, env=environment() | more, check=False
    )


def facts(*arguments: str, **more: str) -> Any:
    """What a command prints with --json: one object and nothing else."""
    done = fxsweep(*arguments, "--json", **more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
