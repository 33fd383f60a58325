"""`fxsweep` whose trials train as they should or fail as they are told: python planted_driver.py FAULT VERB ...

FAULT is `bug` (every trial, at its first epoch), or `hard` (of the trials with latent size 8 one diverges at its second epoch
and one, that with the larger beta, runs out of memory).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tune.driver.cluster import set_environment

set_environment()  # before anything imports ray

from trainables.configs import TrialConfig  # noqa: E402
from trainables.training.trainable import CatalogueFit  # noqa: E402


@dataclass(frozen=True)
class Buggy(CatalogueFit):
    """A fit with a typing error in it."""

    def __call__(self, config: TrialConfig, state: dict[str, Any] | None) -> Iterator[Any]:
        raise AttributeError("planted: 'NoneType' object has no attribute 'shape'")


@dataclass(frozen=True)
class Hard(CatalogueFit):
    """A fit that some settings are too much for."""

    def __call__(self, config: TrialConfig, state: dict[str, Any] | None) -> Iterator[Any]:
        if config.model.latent_size == 8 and config.model.beta > 0.1:
            raise MemoryError("planted: can't allocate memory")
        for number, epoch in enumerate(super().__call__(config, state), start=1):
            if config.model.latent_size == 8 and number == 2:
                raise FloatingPointError("planted: the loss is nan")
            yield epoch


FAULTS = {"bug": Buggy, "hard": Hard}

if __name__ == "__main__":
    import planted_driver  # by this name the workers find its classes

    import tune.driver.trainable_parts
    from tune.cli import main

    tune.driver.trainable_parts.CatalogueFit = planted_driver.FAULTS[sys.argv[1]]  # type: ignore[misc]
    sys.exit(main(sys.argv[2:]))
