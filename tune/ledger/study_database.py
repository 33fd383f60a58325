"""An Optuna study in a database, where a laboratory keeps the studies of all its sweeps."""

from __future__ import annotations

import os
import re
from pathlib import Path

import optuna
from optuna.storages import BaseStorage, RDBStorage
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from tune.errors import InfrastructureLost, InvalidInput

_VARIABLE = re.compile(r"\$(\w+|\{\w+\})")


def study_place(url: str | None, journal: Path) -> Path | str:
    """Where a sweep keeps its study: the database that its file names, else its own journal."""
    return url or journal


def check_url(url: str) -> str:
    """Why a sweep file should not have this URL, or ""."""
    try:
        password = make_url(url).password
    except ArgumentError:
        return "This is not a database's URL."
    if password is not None and not _VARIABLE.fullmatch(str(password)):
        return "A sweep file, which MLflow gets a copy of, is no place for a password."
    return ""


def open_database(url: str) -> BaseStorage:
    """The database's studies; `$NAME` in the URL is taken from the environment.

    Raises:
        InvalidInput: no driver for this kind of database, or an unset variable.
        InfrastructureLost: nobody answers there.
    """
    filled = os.path.expandvars(url)
    if unset := _VARIABLE.search(filled):
        raise InvalidInput(f"study.storage {url}: {unset.group()} is not set. Export it, here and on the cluster.")
    try:
        return RDBStorage(filled)
    except (ImportError, NoSuchModuleError, ArgumentError) as error:
        remedy = "Install the database's Python driver, or leave study.storage out."
        raise InvalidInput(f"study.storage {url}: cannot be used ({_line(error)}). {remedy}") from error
    except SQLAlchemyError as error:
        raise InfrastructureLost(f"study.storage {url}: does not answer ({_line(error)}).") from error


def check_free(place: Path | str, study_name: str) -> None:
    """Raises InvalidInput if a database has a study of this name already: two sweeps must not become one."""
    if isinstance(place, str) and study_name in optuna.get_all_study_names(open_database(place)):
        raise InvalidInput(f"sweep '{study_name}': {place} has a study of this name already. Give --name another one.")


def _line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
