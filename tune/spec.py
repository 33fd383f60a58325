"""A sweep: one question to a model of audio effects, as the closed schema of its YAML file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PlainSerializer, PlainValidator, ValidationError, model_validator

from trainables.configs import AudioConfig, EvaluationConfig, FrontEndConfig, TrainConfig, VaeConfig
from trainables.errors import nearest
from trainables.takes import digest
from tune.consistency import inconsistencies
from tune.dimensions import Dimension, as_data, with_split
from tune.errors import InvalidInput
from tune.problems import OVERRIDDEN, KeyPath, Origin, Problem, refusal
from tune.schema_problems import schema_problems
from tune.search_section import parse_search
from tune.sections import (
    Budget,
    Effects,
    Name,
    Objective,
    Registry,
    Render,
    Sampler,
    Scheduler,
    Section,
    Seed,
    Tracking,
    problems_error,
)
from tune.splits import DEFAULT_SPLIT
from tune.sweep_file import read_document, read_value

PRESETS = Path(__file__).parent / "sweeps"
WITHOUT_EFFECT_ON_RESULTS = ("name", "concurrency", "tracking", "registry", "render")


def _search(data: Any) -> dict[str, Dimension]:
    dimensions, problems = parse_search(data)
    if problems:
        raise problems_error(tuple(problems))
    return dimensions


def _search_as_data(search: Mapping[str, Dimension]) -> dict[str, Any]:
    return {key: as_data(key, dimension) for key, dimension in search.items()}


Search = Annotated[dict[str, Dimension], PlainValidator(_search), PlainSerializer(_search_as_data)]


class Sweep(Section):
    """Everything a sweep is. Build it with `parse_sweep` or `load_sweep`, which tell mistakes with their place."""

    name: Name
    trainable: Literal["vae"] = "vae"
    seed: Seed = 0
    audio: AudioConfig = AudioConfig()
    effects: Effects = Effects()
    front_end: FrontEndConfig = FrontEndConfig()
    model: VaeConfig = VaeConfig()
    train: TrainConfig = TrainConfig()
    evaluation: EvaluationConfig = EvaluationConfig()
    search: Search = Field(default_factory=dict)
    objective: Objective = Objective()
    sampler: Sampler = Sampler()
    scheduler: Scheduler = Scheduler()
    budget: Budget = Budget()
    concurrency: Annotated[int, Field(ge=1, le=1024)] | None = None
    registry: Registry = Registry()
    tracking: Tracking = Tracking()
    render: Render = Render()

    @model_validator(mode="after")
    def _consistent(self) -> Sweep:
        problems = tuple(inconsistencies(self))
        if problems:
            raise problems_error(problems)
        return self

    @property
    def dimensions(self) -> dict[str, Dimension]:
        """The search space; the effect split is always among it."""
        return with_split(self.search, DEFAULT_SPLIT)

    @property
    def grace_epochs(self) -> int:
        """Epochs before which the scheduler stops no trial."""
        return self.scheduler.grace_epochs or max(1, self.train.max_epochs // 8)

    @property
    def model_name(self) -> str:
        return self.registry.model or f"fx-{self.trainable}"

    @property
    def experiment(self) -> str:
        return self.tracking.experiment or self.name

    def canonical(self) -> dict[str, Any]:
        """All settings, defaults written out, as JSON values; `parse_sweep` gives the same sweep back."""
        return self.model_dump(mode="json")


def parse_sweep(values: Mapping[str, Any], origin: Origin | None = None) -> Sweep:
    """A sweep of plain values, as a file or `canonical()` has them.

    Args:
        values: sections by name; a section of nothing is all defaults.
        origin: where the values come from, for messages.

    Raises:
        InvalidInput: a line for each mistake.
    """
    given = {key: value for key, value in values.items() if value is not None}
    try:
        return Sweep.model_validate_json(json.dumps(given))
    except ValidationError as error:
        raise refusal(schema_problems(error, Sweep), origin or Origin("sweep", {})) from None


def load_sweep(path_or_preset: str | Path, overrides: Mapping[str, Any] | None = None) -> Sweep:
    """Reads a sweep file, or a preset by its name.

    Args:
        path_or_preset: a file, or one of `preset_names()`.
        overrides: values by dotted key, e.g. {"audio.path": "recordings/", "budget.trials": 8}.

    Raises:
        InvalidInput: with file name and line where there is one.
    """
    path = _find(path_or_preset)
    document = read_document(_read(path), path.name)
    values, lines = document.values, dict(document.origin.lines)
    for key, value in (overrides or {}).items():
        values = _override(values, tuple(key.split(".")), value, key)
        lines[tuple(key.split("."))] = OVERRIDDEN
    return parse_sweep(values, Origin(path.name, lines))


def parse_override(text: str) -> tuple[str, Any]:
    """`budget.trials=8` to a dotted key and its value, read as in a sweep file; InvalidInput without a `=`."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise InvalidInput(f"{text}: An override must be written key=value. For instance budget.trials=8.")
    return key.strip(), read_value(value)


def preset_names() -> tuple[str, ...]:
    """The sweeps that come with the package."""
    return tuple(sorted(path.stem for path in PRESETS.glob("*.yaml")))


def spec_hash(sweep: Sweep) -> str:
    """Digest of all that shapes a sweep's results; the same for two sweeps that differ in name, place or pace only."""
    return digest({key: value for key, value in sweep.canonical().items() if key not in WITHOUT_EFFECT_ON_RESULTS})


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


def _override(values: Mapping[str, Any], path: KeyPath, value: Any, key: str) -> dict[str, Any]:
    first, rest = str(path[0]), path[1:]
    if not rest:
        return {**values, first: value}
    inner = values.get(first)
    if inner is not None and not isinstance(inner, Mapping):
        problem = Problem((), key, f"{first} is {inner!r}, which has no keys of its own.", f"Override {first} as a whole.")
        raise refusal([problem], Origin("override", {}))
    return {**values, first: _override(inner or {}, rest, value, key)}
