"""The tracking store of a sweep that has been run."""

from __future__ import annotations

from pathlib import Path

from tune.driver.opening import sweep_tracking
from tune.errors import InvalidInput
from tune.ledger.status import SweepStatus
from tune.sweep_file.spec import Sweep
from tune.tracking.stores import Tracking, tracking_at, without_password


def recorded_tracking(sweep: Sweep, status: SweepStatus, home: Path) -> Tracking:
    """Where the sweep's runs were written, or would have been. The local store moves with its home.

    Raises:
        InvalidInput: its address had a password, which is not kept.
    """
    recorded, today = status.mlflow.get("uri", ""), sweep_tracking(sweep, home)
    if not recorded or without_password(today.uri) == recorded:
        return today
    if ":***@" in recorded:
        remedy = "Give the address with it: --tracking URI, or MLFLOW_TRACKING_URI."
        raise InvalidInput(f"tracking server {recorded} of sweep '{status.name}': its password is not kept. {remedy}")
    store = tracking_at(recorded)
    return today if store.database is not None and not store.database.is_file() else store
