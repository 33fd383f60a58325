"""`storage`: where a sweep keeps its checkpoints, and a copy of its ledgers."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator

from tune.errors import InvalidInput
from tune.sweep_file.problems import Problem
from tune.sweep_file.section import problems_error

OPTIONS = ("endpoint_override", "region", "scheme")  # of pyarrow's, in an s3:// URL
FOR_INSTANCE = "For instance s3://bucket/sweeps, or the absolute path of a folder that all nodes share."


def why_not(url: str) -> str:
    """Why a sweep should not be kept there, or ""."""
    parts = urlsplit(url)
    if ".." in parts.path.split("/"):
        return "A path with '..' in it could lead out of the storage."
    if parts.scheme == "s3":
        return _why_not_s3(url)
    if "://" in url:
        return "Only s3:// and folders are known."
    return "" if url.startswith(("/", "~/")) else "A relative path means another folder on every machine."


def check_given(url: str) -> None:
    """Of `--storage`, before it is used, kept, or sent to a cluster.

    Raises:
        InvalidInput: no sweep may be kept there. What may be a key in it is not told.
    """
    if why := why_not(url):
        raise InvalidInput(f"--storage '{_shown(url)}': {why} {FOR_INSTANCE}")


def _shown(url: str) -> str:
    scheme, mark, rest = url.partition("?")[0].rpartition("://")
    return f"{scheme}{mark}***@{rest.rpartition('@')[2]}" if mark and "@" in rest else scheme + mark + rest


def _why_not_s3(url: str) -> str:
    parts = urlsplit(url)
    if "@" in parts.netloc:
        return "Keys are taken from the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), never from a URL."
    if not parts.netloc:
        return "It names no bucket."
    unknown = sorted({key for key, _ in parse_qsl(parts.query, keep_blank_values=True)} - set(OPTIONS))
    return f"It has {', '.join(unknown)}, and only {', '.join(OPTIONS)} may follow the question mark." if unknown else ""


def _checked(url: str) -> str:
    if why := why_not(url):
        raise problems_error((Problem((), "...", why, FOR_INSTANCE),))
    return url


Storage = Annotated[str, AfterValidator(_checked), "a folder's absolute path, or s3://BUCKET/PREFIX"]
