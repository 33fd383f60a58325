"""What the registry has of a sweep already."""

from __future__ import annotations

from collections.abc import Collection

from tune.tracking.runs import connect, reaching
from tune.tracking.stores import Tracking


def version_of_sweep(tracking: Tracking, model_name: str, sweep_id: str, run_ids: Collection[str]) -> str | None:
    """The newest version that the sweep, or one of its runs, brought; None if there is none."""
    client = connect(tracking)
    with reaching(tracking):
        versions = client.search_model_versions(f"name = '{model_name}'")
    own = [found for found in versions if found.tags.get("sweep_id") == sweep_id or found.run_id in run_ids]
    return max((str(found.version) for found in own), key=int, default=None)
