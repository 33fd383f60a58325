"""Versions of Ray and Python: a job must run with those that it was submitted from. Imports little: it is asked first of all."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

from tune.errors import InvalidInput

SUBMITTED_FROM = "FXSWEEP_SUBMITTED_FROM"  # a job's variable: the versions there


def versions_here() -> str:
    """E.g. `Ray 2.60.0, Python 3.11`. Patches of Python are left out: source files are sent, and nothing pickled."""
    try:
        ray = version("ray")
    except PackageNotFoundError:
        ray = "none"
    return f"Ray {ray}, Python {sys.version_info.major}.{sys.version_info.minor}"


def check_versions(environment: Mapping[str, str]) -> None:
    """Raises InvalidInput where the job was sent from other versions of Ray or Python than run here."""
    there, here = environment.get(SUBMITTED_FROM, ""), versions_here()
    if there and there != here:
        remedy = "Submit from an installation like the cluster's, or install the same there (constraints.txt)."
        raise InvalidInput(f"versions: the sweep was submitted from {there}, and the cluster has {here}. {remedy}")
