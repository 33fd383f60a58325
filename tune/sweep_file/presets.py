"""Finds a sweep's text: a file, or one of the sweeps that come with the package."""

from __future__ import annotations

from pathlib import Path

from trainables.errors import nearest
from tune.errors import InvalidInput

PRESETS = Path(__file__).parents[1] / "sweeps"


def sweep_text(path_or_preset: str | Path) -> tuple[str, str]:
    """The text of a sweep file or preset, and the name to call it by.

    Raises:
        InvalidInput: if there is neither, or it cannot be read.
    """
    path = _find(path_or_preset)
    return _read(path), path.name


def preset_names() -> tuple[str, ...]:
    """The sweeps that come with the package."""
    return tuple(sorted(path.stem for path in PRESETS.glob("*.yaml")))


def _find(path_or_preset: str | Path) -> Path:
    path = Path(path_or_preset)
    if path.exists() or path.suffix in (".yaml", ".yml") or len(path.parts) > 1:
        return path
    if path.name in preset_names():
        return PRESETS / f"{path.name}.yaml"
    rule = "This is neither a file nor a preset."
    raise InvalidInput(f"{path_or_preset}: {rule} {nearest(path.name, preset_names())}")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InvalidInput(f"{path}: A sweep file must be UTF-8 text. Save it as UTF-8.") from None
    except OSError as error:
        remedy = f"Check the path; presets: {', '.join(preset_names())}."
        raise InvalidInput(f"{path}: A sweep file must be readable ({error.strerror}). {remedy}") from None
