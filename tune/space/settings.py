"""The settings of one trial: the sweep's fixed ones, the proposed ones in their place, and those computed from both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_args

from trainables.errors import InputError
from tune.space.conditions import holds
from tune.space.dimensions import FORMULA_NAMES, SECTION_OF, Value, setting_type
from tune.space.formula_values import Result
from tune.sweep_file.forms import checked

if TYPE_CHECKING:
    from tune.sweep_file.spec import Sweep


def settings_of(sweep: Sweep, params: Mapping[str, Any]) -> dict[str, Value]:
    """Every setting that a formula may name, of the trial with these parameters.

    Raises:
        InputError: if one cannot be computed or is outside its own range.
    """
    settings = computed(sweep, params)
    for key, derived in sweep.derived.items():
        if holds(derived.when, params):
            settings[key] = checked(key, settings[key])
    return settings


def computed(sweep: Sweep, params: Mapping[str, Any]) -> dict[str, Value]:
    """The same without a look at ranges."""
    settings = fixed_settings(sweep) | {key: typed(key, params[key]) for key in SECTION_OF if key in params}
    for key, derived in sweep.derived.items():
        if holds(derived.when, params):
            settings[key] = _of_type(key, derived.formula.value(settings))
    return settings


def broken(sweep: Sweep, params: Mapping[str, Any]) -> str:
    """The first requirement that the trial with these parameters would not keep, or ""; InputError if none can tell."""
    if not sweep.require:
        return ""
    settings = computed(sweep, params)
    return next((formula.text for formula in sweep.require if not formula.holds(settings)), "")


def derived_values(sweep: Sweep, params: Mapping[str, Any]) -> dict[str, Value]:
    """What is computed for the trial with these parameters."""
    settings = settings_of(sweep, params)
    return {key: settings[key] for key, derived in sweep.derived.items() if holds(derived.when, params)}


def fixed_settings(sweep: Sweep) -> dict[str, Value]:
    """Those of the sweep file's sections `model`, `train` and `matcher`."""
    all_of_them = {**vars(sweep.model), **vars(sweep.train), **vars(sweep.matcher)}
    return {key: all_of_them[key] for key in FORMULA_NAMES}


def why_not(sweep: Sweep, params: Mapping[str, Any]) -> str:
    """Why the trial with these parameters may not be, or ""."""
    try:
        unkept = broken(sweep, params)
        if not unkept:
            settings_of(sweep, params)
    except InputError as error:
        return str(error)
    return f"it does not keep {unkept}" if unkept else ""


def typed(key: str, value: Value) -> Value:
    """A whole number proposed for a setting of any numbers becomes a float."""
    return float(value) if float in get_args(setting_type(key)) else value


def written_point(params: Mapping[str, Any]) -> str:
    """`latent_size 32, beta 0.3`, for a message."""
    return ", ".join(f"{key} {value:g}" if isinstance(value, float) else f"{key} {value}" for key, value in params.items())


def _of_type(key: str, value: Result) -> Value:
    whole = isinstance(value, float) and value.is_integer() and float not in get_args(setting_type(key))
    return int(value) if whole else value
