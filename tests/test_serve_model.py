"""`mlflow models serve` and curl, as the README tells: a registered model answers with embeddings for posted audio."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import pytest
import soundfile
from small_sweep import environment
from test_registry import Store
from tiny_model import tiny_config

from tune.models.registry import load_embedder
from tune.tracking.server import free_port

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parent.parent
SERVE, ASK = re.findall(r"```sh\n((?:export MLFLOW_TRACKING_URI|python -c).*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
START_SECONDS = 180


def as_typed(script: str, port: int) -> str:
    """The README's lines, with a port that is free and the length of the tiny model's clips."""
    return script.replace("5050", str(port)).replace("32768", str(tiny_config().clip_samples))


def user() -> dict[str, str]:
    """As after `. .venv/bin/activate`."""
    return environment() | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


@contextmanager
def serving(folder: Path, port: int) -> Iterator[str]:
    log = folder / "serve.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            ["bash", "-euc", as_typed(SERVE, port)], cwd=folder, env=user(), stdout=said, stderr=said, start_new_session=True
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not answers(port):
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.3)
        yield f"http://127.0.0.1:{port}"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answers(port: int) -> bool:
    with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/ping", timeout=5) as answer:
        return bool(answer.status == 200)
    return False


def test_a_served_model_answers_posted_audio_with_what_it_embeds_here(tmp_path: Path) -> None:
    store = Store(tmp_path / "runs")
    store.register(tiny_config())
    clips = 0.1 * np.random.default_rng(0).standard_normal((2, tiny_config().clip_samples + 100))
    for name, samples in zip(("dry.wav", "wet.wav"), clips, strict=True):
        soundfile.write(tmp_path / name, samples, tiny_config().sample_rate, subtype="FLOAT")
    port = free_port(5750)
    with serving(tmp_path, port):
        done = subprocess.run(
            ["bash", "-euc", as_typed(ASK, port)],
            cwd=tmp_path,
            env=user(),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    assert done.returncode == 0, done.stderr
    told = np.array(json.loads(done.stdout)["predictions"])
    heard = clips[None, :, : tiny_config().clip_samples].astype(np.float32)
    expected = load_embedder(store.tracking.uri, "fx-vae@champion").predict(heard)
    assert told.shape == (1, 4)
    np.testing.assert_allclose(told, expected, rtol=1e-4, atol=1e-5)
