"""What the tests share: one small Ray for all that need it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "alone")

# What is measured of plugins is kept for this run only.
CACHE = tempfile.TemporaryDirectory(prefix="fxsweep-cache-")

# Before Ray is imported: no tokens, no usage reports, no tables, no logger files, quick starts.
os.environ.update(
    RAY_AUTH_MODE="disabled",
    RAY_USAGE_STATS_ENABLED="0",
    RAY_AIR_NEW_OUTPUT="0",
    RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO="0",
    TUNE_DISABLE_AUTO_CALLBACK_LOGGERS="1",
    RAY_TRAIN_HEALTH_CHECK_INTERVAL_S="0.2",
    OMP_NUM_THREADS="1",
    NUMBA_CACHE_DIR=str(Path(__file__).parent.parent / ".pytest_cache" / f"numba-{WORKER}"),  # two that write to one may crash
    XDG_CACHE_HOME=CACHE.name,
    PYTHONPATH=str(Path(__file__).parent),  # so that workers can import what tests hand to them
    TUNE_WARN_EXCESSIVE_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S="0",
)

# No test asserts a time, and machines that run tests are busy.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(scope="session")
def local_ray() -> Iterator[None]:
    """A Ray of its own with two CPUs, without dashboard."""
    import ray

    ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield
    ray.shutdown()
