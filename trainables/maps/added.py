"""What the user adds to a map: each recording is a class of its own, called after its file."""

from __future__ import annotations

ADDED = "yours: "


def added_class(name: str) -> str:
    """What stands in the place of an effect's name."""
    return f"{ADDED}{name}"


def is_added(effect: str) -> bool:
    """Whether this is a recording of the user's and not an effect."""
    return effect.startswith(ADDED)
