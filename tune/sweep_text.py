"""A sweep written out as the file it could have come from, defaults included."""

from __future__ import annotations

import yaml

from tune.spec import Sweep


def sweep_text(sweep: Sweep) -> str:
    """YAML that `load_sweep` reads back to an equal sweep."""
    return yaml.safe_dump(sweep.canonical(), sort_keys=False)
