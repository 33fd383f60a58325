"""What `fxsweep match` says it did, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterator

from tune.match import Matched

CLOSE, CLEAR = 0.3, 0.7  # of the distance before: what is left where the match is close, and where it is still clear


def sentences(done: Matched) -> Iterator[str]:
    """Lines for people."""
    if done.did_nothing:
        yield f"{done.output}: the input as it is. Nothing that was tried is closer to the reference than doing nothing."
        return
    values = ", ".join(f"{name} {value:.4g}{' ' + unit if (unit := done.units[name]) else ''}" for name, value in done.settings.items())
    yield f"{done.output}: {done.effect} ({done.backend}) with {values}; level {done.gain_db:+.1f} dB."
    yield (
        f"{_sureness(done.ratio)}: the distance to the reference fell from {done.distance_before:.2f} to "
        f"{done.distance_after:.2f} dB over {done.renders} renders. Settings: {done.settings_file}"
    )


def _sureness(ratio: float) -> str:
    if ratio <= CLOSE:
        return "A close match"
    return "A clear step towards it" if ratio <= CLEAR else "A small step towards it"
