"""What is asked of a promotion."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes:
        top: how many trials compete.
        seeds: draws of settings and clips that each is judged on.
        audio: a folder of recordings; None for those that were kept from the sweep.
        settings: random ones of each effect, for each seed; None for as many as the sweep's evaluation set has.
        retrain: how many more models are trained with the winner's settings, to learn the seed noise.
        force: makes the winner champion whatever comes out.
        renders: of a matcher: how often its search, and search alone, may try an effect.
    """

    top: int = 3
    seeds: int = 3
    audio: str | None = None
    settings: int | None = None
    retrain: int = 0
    force: bool = False
    renders: int = 96  # as `fxsweep match` and `fxsweep evaluate` have it
