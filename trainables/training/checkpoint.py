"""Checkpoints: a trial's config and its training state in one file that is never unpickled freely."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import torch
from pydantic import TypeAdapter, ValidationError

from trainables.configs import TrialConfig
from trainables.errors import InputError
from trainables.stored_files import StoredFile

State = dict[str, Any]  # tensors, numbers, strings, lists, tuples and dicts of them

_CONFIG = TypeAdapter(TrialConfig)


def config_to_dict(config: TrialConfig) -> dict[str, Any]:
    """The config as JSON has it: dicts, lists, numbers and strings."""
    plain: dict[str, Any] = _CONFIG.dump_python(config, mode="json")
    return plain


def config_from_dict(plain: Mapping[str, Any]) -> TrialConfig:
    """The config, every value checked.

    Raises:
        InputError: a value out of its range, missing, or unknown to this version.
    """
    try:
        config = _CONFIG.validate_python(plain)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"config {_path(first['loc'])}", f"{first['msg']}.", "Use a config of this version.") from error
    if unknown := _unknown(plain, config_to_dict(config)):
        raise InputError(f"config {unknown}", "is not known to this version.", "Use the version that wrote it.")
    return config


def _path(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location)


def _unknown(plain: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    for name, value in plain.items():
        if name not in known:
            return name
        if isinstance(value, Mapping) and (inner := _unknown(value, known[name])):
            return f"{name}.{inner}"
    return ""


def write_checkpoint(path: Path, config: TrialConfig, state: State) -> None:
    """Write both to `path`; a reader never sees half a file."""
    partial = path.with_name(f"{path.name}.partial")
    partial.write_bytes(dump_state({"config": config_to_dict(config), "state": state}))
    partial.replace(path)


def read_checkpoint(path: Path | StoredFile) -> tuple[TrialConfig, State]:
    """What `write_checkpoint` wrote, tensors on the CPU.

    Raises:
        InputError: no such file, or it is damaged or something else.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"checkpoint {path}", f"cannot be read ({error.strerror or error}).", "Check the path.") from error
    content = _parse(data, f"checkpoint {path}")
    if not {"config", "state"} <= content.keys():
        raise InputError(f"checkpoint {path}", "holds no config and state.", "Give a checkpoint that fxsweep wrote.")
    return config_from_dict(content["config"]), content["state"]


def dump_state(state: State) -> bytes:
    """The state as bytes, for workers and object stores."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    return buffer.getvalue()


def parse_state(data: bytes) -> State:
    """What `dump_state` made bytes of, tensors on the CPU.

    Raises:
        InputError: the bytes are damaged or hold anything but tensors and plain values.
    """
    return _parse(data, "training state")


def _parse(data: bytes, what: str) -> State:
    try:
        _check_sums(data)
        content = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises a dozen kinds for damaged bytes
        raise InputError(what, "is damaged or not a checkpoint.", "Restore it from a copy or train again.") from error
    if not isinstance(content, dict):
        raise InputError(what, "does not hold a dictionary.", "Give a checkpoint that fxsweep wrote.")
    return content


def _check_sums(data: bytes) -> None:
    """torch reads past a changed byte of a tensor; the archive's own check sums don't."""
    with ZipFile(io.BytesIO(data)) as archive:
        if damaged := archive.testzip():
            raise BadZipFile(damaged)
