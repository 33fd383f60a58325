"""The section of a sweep file that says who is told how the sweep goes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator

from tune.sweep_file.problems import Problem
from tune.sweep_file.section import Section, problems_error

VARIABLE = re.compile(r"\$(\w+|\{\w+\})")
NOT_KEPT = "***"
Event = Literal["ended", "failed", "best"]


def _check_url(url: str) -> str:
    """Mistakes are told without the address, which is a secret."""
    if url == NOT_KEPT or VARIABLE.fullmatch(url):
        return url
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and url.isprintable() and " " not in url
    except ValueError:
        usable = False
    if usable:
        return url
    rule = "This is not the http(s) address of a webhook."
    raise problems_error((Problem((), "...", rule, "Write https://HOST/..., or $NAME of a variable that has it."),))


class Notify(Section):
    """Where a short JSON is posted to when the sweep has ended (or was stopped), has failed, or has a new best trial.

    The address is a secret: `$NAME` is taken from the environment; one that is written out is kept nowhere, so that a sweep
    that is taken up again tells nobody.
    """

    url: Annotated[str, AfterValidator(_check_url), "the address of a webhook, or $NAME"] | None = None
    on: tuple[Event, ...] = ("ended", "failed")


def without_address(values: Mapping[str, Any]) -> dict[str, Any]:
    """A sweep's canonical values without the address of its webhook, fit to be kept and shown."""
    notify = dict(values.get("notify") or {})
    url = notify.get("url")
    if not url or VARIABLE.fullmatch(url):
        return dict(values)
    return dict(values) | {"notify": notify | {"url": NOT_KEPT}}
