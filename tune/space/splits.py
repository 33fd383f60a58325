"""Effect splits: which effects a trial trains on, and which it must understand without having heard them.

A split is written by its held-out effects in the order of the sweep's effects, a minus before each:
`-leslie-combo-loudness`; `all` holds nothing out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from trainables.effects.names import EFFECT_NAMES, SEED_HELD_OUT
from trainables.errors import InputError, nearest

NOTHING_HELD_OUT = "all"
MIN_TRAINED = 2


def split_id(held_out: Iterable[str], effects: Sequence[str] = EFFECT_NAMES) -> str:
    """The name of the split that holds these of the sweep's effects out.

    Raises:
        InputError: on an unknown or repeated effect, or if fewer than MIN_TRAINED effects remain.
    """
    names = tuple(held_out)
    for name in names:
        _check_effect(name, names, effects)
    most = most_held_out(effects)
    if len(names) > most:
        rule = f"At least {MIN_TRAINED} of the {len(effects)} effects must remain to train on."
        raise InputError(", ".join(names), rule, f"Hold out at most {most}.")
    return "".join(f"-{name}" for name in effects if name in names) or NOTHING_HELD_OUT


def held_out_effects(split: str) -> tuple[str, ...]:
    """The held-out effects that a split's name tells; InputError if it is no such name."""
    if split == NOTHING_HELD_OUT:
        return ()
    names = tuple(split.split("-")[1:])
    if not split.startswith("-") or not all(names):
        rule = "An effect split is written `all`, or a minus before each held-out effect."
        raise InputError(repr(split), rule, f"For instance {split_id(SEED_HELD_OUT)}.")
    return names


def trained_effects(split: str, effects: Sequence[str] = EFFECT_NAMES) -> tuple[str, ...]:
    """The other effects of the sweep, in its order."""
    held_out = held_out_effects(split)
    return tuple(name for name in effects if name not in held_out)


def splits_holding_out(count: int, effects: Sequence[str] = EFFECT_NAMES) -> tuple[str, ...]:
    """Every split that holds out `count` of the effects."""
    return tuple(split_id(names, effects) for names in combinations(effects, count))


def most_held_out(effects: Sequence[str]) -> int:
    """How many of the effects may be held out."""
    return max(0, len(effects) - MIN_TRAINED)


def split_distances(splits: Sequence[str]) -> NDArray[np.uint8]:
    """How many effects differ between the sets that each two of the splits train on, (splits, splits)."""
    held_out = [held_out_effects(split) for split in splits]
    bits = {name: 1 << place for place, name in enumerate(sorted({name for names in held_out for name in names}))}
    sets = np.array([sum(bits[name] for name in names) for names in held_out], dtype=np.uint64)
    distances: NDArray[np.uint8] = np.bitwise_count(sets[:, None] ^ sets[None, :])
    return distances


def default_split(effects: Sequence[str] = EFFECT_NAMES) -> str:
    """Holds out what the seed study did, as far as the sweep has those effects and others to train on."""
    held_out = [name for name in SEED_HELD_OUT if name in effects]
    return split_id(held_out[: most_held_out(effects)], effects)


def _check_effect(name: str, names: tuple[str, ...], effects: Sequence[str]) -> None:
    if name not in effects:
        raise InputError(repr(name), "This is not one of the sweep's effects.", nearest(str(name), effects))
    if names.count(name) > 1:
        raise InputError(repr(name), "An effect can be held out once.", "Name it once.")
