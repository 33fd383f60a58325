"""The nine effects, by the names in names.py, in two backends: the real mda plugins, or pedalboard's own processors.

Nothing is loaded on import: naming effects must stay cheap.
"""

from __future__ import annotations

from trainables.effects.effect import Effect, apply, dry_effect
from trainables.effects.names import BACKENDS
from trainables.errors import InputError, nearest

__all__ = ["Effect", "apply", "dry_effect", "load_effects", "resolve_backend"]


def resolve_backend(backend: str) -> str:
    """The backend that will be used: "mda" or "pedalboard".

    Args:
        backend: one of BACKENDS. "auto" is mda if its plugins can be loaded here, else pedalboard.

    Raises:
        InputError: an unknown backend, or mda where it cannot be loaded.
    """
    if backend not in BACKENDS:
        raise InputError(f"backend '{backend}'", "is not known.", nearest(backend, BACKENDS))
    if backend == "pedalboard":
        return backend
    from trainables.effects.mda import plugins

    try:
        plugins.load()
    except InputError:
        if backend == "mda":
            raise
        return "pedalboard"
    return "mda"


def load_effects(backend: str) -> dict[str, Effect]:
    """The nine effects of a backend by name, in the order of EFFECT_NAMES.

    Raises:
        InputError: see `resolve_backend`.
    """
    from trainables.effects.mda import plugins
    from trainables.effects.native import nine

    return plugins.load() if resolve_backend(backend) == "mda" else nine.load()
