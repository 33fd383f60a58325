"""The `effect_split` dimension of a sweep file: every split of a size, or a choice of named or unnamed splits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trainables.errors import InputError
from tune.space.dimensions import EFFECT_SPLIT, Choice, Dimension, HoldOut, Searched
from tune.space.splits import held_out_effects, most_held_out, split_id
from tune.sweep_file.forms import distinct, one_form, short

SPLIT_FORMS = ("hold_out", "choice")
_EXAMPLE = "Write {hold_out: 3}, or a list of lists of held-out effects such as [[leslie, combo], [delay]]."


def parse_splits(data: Any, effects: Sequence[str]) -> Dimension:
    """An effect split: `{hold_out: 3}`, `{choice: {name: [effects]}}`, `[[effects], [effects]]`, or one split's name.

    Raises:
        InputError: on unknown effects, repeated splits, or splits that leave fewer than two effects to train on.
    """
    if isinstance(data, str):
        return Choice((split_id(held_out_effects(data), effects),))
    if isinstance(data, list):
        return _split_choice(data, effects)
    if not isinstance(data, Mapping):
        raise InputError(short(data), "An effect split names the effects that are held out.", _EXAMPLE)
    if one_form(data, SPLIT_FORMS, _EXAMPLE) == "choice":
        return _split_choice(data["choice"], effects)
    count = data["hold_out"]
    most = most_held_out(effects)
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= most:
        rule = f"hold_out must be a whole number from 0 to {most}, so that two of the {len(effects)} effects remain."
        raise InputError(short(data), rule, f"For instance {{hold_out: {min(3, most)}}}.")
    return HoldOut(count, tuple(effects))


def split_names(search: Mapping[str, Searched]) -> dict[str, str]:
    """What the sweep's author calls its effect splits, by what they are called everywhere else; {} if nothing."""
    splits = search.get(EFFECT_SPLIT)
    named = isinstance(splits, Choice) and splits.names
    return dict(zip(map(str, splits.values), map(str, splits.names), strict=True)) if named else {}  # type: ignore[union-attr]


def _split_choice(data: Any, effects: Sequence[str]) -> Choice:
    names = tuple(data) if isinstance(data, Mapping) else ()
    splits = list(data.values()) if isinstance(data, Mapping) else data
    if not isinstance(splits, list) or not splits:
        raise InputError(short(data), "A choice of splits must be a list of lists of held-out effects.", _EXAMPLE)
    return Choice(distinct(tuple(_split(held_out, effects) for held_out in splits)), names)


def _split(data: Any, effects: Sequence[str]) -> str:
    if isinstance(data, list):
        return split_id(data, effects)
    if isinstance(data, str) and data in effects:
        rule = "Each split is itself a list of held-out effects."
        raise InputError(repr(data), rule, f"Write [[{data}, ...]], with double brackets.")
    if isinstance(data, str):
        return split_id(held_out_effects(data), effects)
    raise InputError(short(data), "A split must be a list of held-out effects.", _EXAMPLE)
