"""Whether a sweep's effects can be loaded on this machine, which need not be the one that runs it."""

from __future__ import annotations

from collections.abc import Iterator

from trainables.effects import resolve_backend
from trainables.effects.selection import load_choice
from trainables.errors import InputError
from tune.sweep_file.effects_section import Effects


def effects_not_here(effects: Effects) -> Iterator[str]:
    """A sentence for each effect that cannot be loaded here, or whose knobs cannot be set so."""
    try:
        backend = resolve_backend(effects.backend)
    except InputError as error:
        yield f"not on this machine: {error}"
        return
    for choice in effects.choices(backend):
        try:
            load_choice(choice)
        except InputError as error:
            yield f"effects: {choice.name} cannot be used on this machine. {error}"
