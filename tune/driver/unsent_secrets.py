"""Keys of the driver's environment that Ray Tune would hand to trials in their runtime environment, which Ray logs and shows.

A trial that needs them has them from where `ray start` ran on its node.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ray.tune.execution import class_cache

SECRETS = "AWS_"  # how their names begin; nothing else that is handed on does


@contextmanager
def secrets_unsent() -> Iterator[None]:
    """Within the block Ray Tune sends none of them."""
    sent = {name for name in class_cache.ENV_VARS_TO_PROPAGATE if name.startswith(SECRETS)}
    class_cache.ENV_VARS_TO_PROPAGATE -= sent
    try:
        yield
    finally:
        class_cache.ENV_VARS_TO_PROPAGATE |= sent
