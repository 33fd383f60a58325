"""The exceptions a user may see, and the exit code of each.

    FxsweepError                    one short paragraph, no traceback
    ├── InvalidInput           2    sweep file, audio, arguments
    ├── NoTrialSucceeded       3
    ├── Stopped                4    by a person
    ├── BudgetSpent            5    before one trial finished
    ├── InfrastructureLost     6    cluster or tracking server out of reach
    └── NotPromoted            7    the champion stays

`trainables.errors.InputError` also means exit code 2.
"""

from __future__ import annotations


class FxsweepError(Exception):
    """The value, the rule, the remedy, in one short paragraph."""

    exit_code = 1


class InvalidInput(FxsweepError):
    exit_code = 2


class NoTrialSucceeded(FxsweepError):
    exit_code = 3


class Stopped(FxsweepError):
    exit_code = 4


class BudgetSpent(FxsweepError):
    exit_code = 5


class InfrastructureLost(FxsweepError):
    exit_code = 6


class NotPromoted(FxsweepError):
    exit_code = 7
