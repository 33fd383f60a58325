from __future__ import annotations

import errno

import pytest

from tune.driver.full_disk import explained, full_disk_told
from tune.errors import InfrastructureLost


def wrapped(inner: BaseException) -> BaseException:
    """As Ray Tune does with an error in a callback."""
    try:
        try:
            raise inner
        except BaseException:
            raise RuntimeError("Traceback ...")  # noqa: B904
    except RuntimeError as error:
        return error


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_as_such_with_the_command_that_goes_on(number: int) -> None:
    full = OSError(number, "No space left on device")
    for error in (full, wrapped(full)):
        told = explained(error, "splits")
        assert isinstance(told, InfrastructureLost)
        assert "the disk is full" in str(told) and "fxsweep resume splits" in str(told)


@pytest.mark.parametrize("other", [OSError(errno.EACCES, "Permission denied"), ValueError("x")])
def test_other_errors_stay_what_they_are(other: BaseException) -> None:
    assert explained(other, "splits") is other
    assert explained(error := wrapped(other), "splits") is error


def test_only_want_of_room_is_told_anew() -> None:
    with pytest.raises(InfrastructureLost, match=r"the disk is full.*fxsweep resume splits"), full_disk_told("splits"):
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(KeyError), full_disk_told("splits"):
        raise KeyError("other")
