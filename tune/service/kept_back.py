"""Secrets stay where they are: a job's environment can be read through the job server by everybody with the token.

Ray shows `runtime_env` to whoever may list jobs, and has no store of secrets. So none is sent: a driver takes them from the
environment of `ray start` on the cluster's head, which Ray shows to nobody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tune.sweep_file.spec import Sweep

SECRET = re.compile(
    r"MLFLOW_TRACKING_(USERNAME|PASSWORD|TOKEN|URI)|AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)"
    r"|AZURE_STORAGE_\w+|GOOGLE_APPLICATION_CREDENTIALS"
)
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})")


def kept_back(sweep: Sweep, environment: Mapping[str, str]) -> list[str]:
    """Names of variables that are set here, would matter to the sweep, and are not sent."""
    named = set(_named_by(sweep))
    return sorted(name for name, value in environment.items() if value and (SECRET.fullmatch(name) or name in named))


def told_kept_back(names: list[str]) -> str:
    """A sentence without any value; "" if nothing is kept back."""
    if not names:
        return ""
    return f"Not sent, since everybody with the token could read it: {', '.join(names)}. Export it where `ray start` runs."


def _named_by(sweep: Sweep) -> list[str]:
    texts = (sweep.notify.url or "", sweep.study.storage or "")
    return [plain or braced for text in texts for plain, braced in _VARIABLE.findall(text)]
