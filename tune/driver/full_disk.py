"""A full disk, told from other errors: it is nobody's bug, and the sweep can go on when there is room."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from tune.errors import InfrastructureLost


def explained(error: BaseException, name: str) -> BaseException:
    """What to tell the user of a sweep's error: its own, or that the disk is full, whoever wrapped that up."""
    full = next((cause for cause in _causes(error) if _is_full_disk(cause)), None)
    if full is None:
        return error
    return InfrastructureLost(f"sweep {name}: the disk is full ({full}). Make room, then: fxsweep resume {name}")


@contextmanager
def full_disk_told(name: str) -> Iterator[None]:
    """What fails within for want of room is told as that."""
    try:
        yield
    except Exception as error:
        told = explained(error, name)
        if told is error:
            raise
        raise told from error


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and what it was raised from or while handling."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_full_disk(error: BaseException) -> bool:
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
