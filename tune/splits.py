"""Effect splits: which effects a trial trains on, and which it must understand without having heard them.

A split is written by its held-out effects in the order of EFFECT_NAMES, a minus before each:
`-leslie-combo-loudness`; `all` holds nothing out.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from trainables.effects.names import EFFECT_NAMES, SEED_HELD_OUT
from trainables.errors import InputError, nearest

NOTHING_HELD_OUT = "all"
MIN_TRAINED = 2
MAX_HELD_OUT = len(EFFECT_NAMES) - MIN_TRAINED


def split_id(held_out: Iterable[str]) -> str:
    """The name of the split that holds these effects out.

    Raises:
        InputError: on an unknown or repeated effect, or if fewer than MIN_TRAINED effects remain.
    """
    names = tuple(held_out)
    for name in names:
        _check_effect(name, names)
    if len(names) > MAX_HELD_OUT:
        rule = f"At least {MIN_TRAINED} of the {len(EFFECT_NAMES)} effects must remain to train on."
        raise InputError(", ".join(names), rule, f"Hold out at most {MAX_HELD_OUT}.")
    return "".join(f"-{name}" for name in EFFECT_NAMES if name in names) or NOTHING_HELD_OUT


def held_out_effects(split: str) -> tuple[str, ...]:
    """The held-out effects that a split's name tells, in the order of EFFECT_NAMES; InputError if it is no such name."""
    if split == NOTHING_HELD_OUT:
        return ()
    names = split.split("-")[1:]
    if not split.startswith("-"):
        rule = "An effect split is written `all`, or a minus before each held-out effect."
        raise InputError(repr(split), rule, f"For instance {split_id(SEED_HELD_OUT)}.")
    return tuple(name for name in EFFECT_NAMES if name in split_id(names).split("-"))


def trained_effects(split: str) -> tuple[str, ...]:
    """The other effects, in the order of EFFECT_NAMES."""
    held_out = held_out_effects(split)
    return tuple(name for name in EFFECT_NAMES if name not in held_out)


def splits_holding_out(count: int) -> tuple[str, ...]:
    """Every split that holds out `count` of the effects."""
    return tuple(split_id(names) for names in combinations(EFFECT_NAMES, count))


def _check_effect(name: str, names: tuple[str, ...]) -> None:
    if name not in EFFECT_NAMES:
        raise InputError(repr(name), "This is not one of the effects.", nearest(str(name), EFFECT_NAMES))
    if names.count(name) > 1:
        raise InputError(repr(name), "An effect can be held out once.", "Name it once.")


DEFAULT_SPLIT = split_id(SEED_HELD_OUT)
