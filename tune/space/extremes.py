"""The largest values that settings of numbers have in any trial of a sweep."""

from __future__ import annotations

from tune.space.dimensions import Derived, highest
from tune.space.feasibility import feasible
from tune.space.settings import fixed_settings, settings_of
from tune.sweep_file.spec import Sweep


def highest_setting(sweep: Sweep, key: str) -> float:
    """That of a setting which is fixed, searched or computed; of what is computed, the largest at points that were looked at."""
    searched, fixed = sweep.search.get(key), float(fixed_settings(sweep)[key])
    if searched is None:
        return fixed
    if isinstance(searched, Derived):
        return max((float(settings_of(sweep, point)[key]) for point in feasible(sweep, {})), default=fixed)
    return max(highest(searched), fixed) if searched.when else highest(searched)
