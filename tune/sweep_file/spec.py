"""A sweep: one question to a model of audio effects, as the closed schema of its YAML file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Interval
from pydantic import Field, PlainSerializer, PlainValidator, ValidationError, ValidationInfo, model_validator

from trainables.configs import AudioConfig, EvaluationConfig, FigureConfig, FrontEndConfig, MatcherConfig, TrainConfig, VaeConfig
from trainables.digests import digest
from tune.space.conditions import in_order
from tune.space.dimensions import EFFECT_SPLIT, Derived, Dimension, Searched, Value, as_data, proposed, with_split
from tune.space.formulas import Formula
from tune.space.splits import NOTHING_HELD_OUT, default_split
from tune.sweep_file.consistency import inconsistencies
from tune.sweep_file.effects_section import Effects
from tune.sweep_file.notify_section import Notify, without_address
from tune.sweep_file.objective_section import Objective, Objectives
from tune.sweep_file.overrides import overridden
from tune.sweep_file.point_sections import parse_require, parse_try
from tune.sweep_file.presets import sweep_text
from tune.sweep_file.problems import Origin, refusal
from tune.sweep_file.schema_problems import schema_problems
from tune.sweep_file.search_section import parse_search
from tune.sweep_file.section import Section, problems_error
from tune.sweep_file.sections import Budget, Name, Registry, Render, Sampler, Scheduler, Seed, Study, Tracking
from tune.sweep_file.storage_section import Storage
from tune.sweep_file.yaml_text import read_document

MODEL_NAMES = {"vae": "fx-vae", "matcher": "fx-match"}
WITHOUT_EFFECT_ON_RESULTS = ("name", "concurrency", "priority", "tracking", "registry", "render", "study", "storage", "notify")


def _search(data: Any, info: ValidationInfo) -> dict[str, Searched]:
    effects = info.data.get("effects", Effects())
    dimensions, problems = parse_search(data, effects.names)
    if "effects" not in info.data:  # they are refused by themselves
        problems = [problem for problem in problems if problem.path[:1] != (EFFECT_SPLIT,)]
    if problems:
        raise problems_error(tuple(problems))
    return dimensions


def _search_as_data(search: Mapping[str, Searched]) -> dict[str, Any]:
    return {key: as_data(key, dimension) for key, dimension in search.items()}


def _require(data: Any) -> tuple[Formula, ...]:
    formulas, problems = parse_require(data)
    if problems:
        raise problems_error(tuple(problems))
    return formulas


def _try(data: Any, info: ValidationInfo) -> tuple[dict[str, Value], ...]:
    search, effects = info.data.get("search"), info.data.get("effects")
    points, problems = ((), []) if search is None or effects is None else parse_try(data, search, effects.names)
    if problems:
        raise problems_error(tuple(problems))
    return points


Search = Annotated[dict[str, Searched], PlainValidator(_search), PlainSerializer(_search_as_data)]
Require = Annotated[tuple[Formula, ...], PlainValidator(_require), PlainSerializer(lambda found: [f.text for f in found])]
Try = Annotated[tuple[dict[str, Value], ...], PlainValidator(_try), PlainSerializer(list)]


class Sweep(Section):
    """Everything a sweep is. Build it with `parse_sweep` or `load_sweep`, which tell mistakes with their place."""

    name: Name
    trainable: Literal["vae", "matcher"] = "vae"
    seed: Seed = 0
    audio: AudioConfig = AudioConfig()
    effects: Effects = Effects()
    front_end: FrontEndConfig = FrontEndConfig()
    model: VaeConfig = VaeConfig()
    matcher: MatcherConfig = MatcherConfig()
    train: TrainConfig = TrainConfig()
    evaluation: EvaluationConfig = EvaluationConfig()
    figure: FigureConfig = FigureConfig()
    search: Search = Field(default_factory=dict)
    require: Require = ()
    try_first: Try = Field(default=(), alias="try")
    repeat: Annotated[int, Interval(ge=1, le=100)] = 1
    learn_from: Name | None = Field(default=None, alias="from")
    objectives: Objectives = Field(default=(Objective(),), alias="objective")
    sampler: Sampler = Sampler()
    scheduler: Scheduler = Scheduler()
    budget: Budget = Budget()
    concurrency: Annotated[int, Interval(ge=1, le=1024)] | None = None
    priority: Annotated[int, Interval(ge=-100, le=100)] = 0
    registry: Registry = Registry()
    tracking: Tracking = Tracking()
    study: Study = Study()
    storage: Storage | None = None
    render: Render = Render()
    notify: Notify = Notify()

    @model_validator(mode="after")
    def _consistent(self) -> Sweep:
        problems = tuple(inconsistencies(self))
        if problems:
            raise problems_error(problems)
        return self

    @property
    def dimensions(self) -> dict[str, Dimension]:
        """What is proposed; the effect split is always among it."""
        return with_split(proposed(self.search), self.usual_split)

    @property
    def usual_split(self) -> str:
        """The effect split where none is searched: the seed study's; a matcher learns to set every effect."""
        return NOTHING_HELD_OUT if self.trainable == "matcher" else default_split(self.effects.names)

    @property
    def derived(self) -> dict[str, Derived]:
        """The settings that are computed, each after those that it is computed from."""
        found = ((key, self.search[key]) for key in in_order(self.search))
        return {key: dimension for key, dimension in found if isinstance(dimension, Derived)}

    @property
    def objective(self) -> Objective:
        """What the best trial has most of; of several objectives, the first."""
        return self.objectives[0]

    @property
    def grace_epochs(self) -> int:
        """Epochs before which the scheduler stops no trial."""
        return self.scheduler.grace_epochs or max(1, self.train.max_epochs // 8)

    @property
    def grace(self) -> float:
        """Epochs, or seconds of its own work, before which the scheduler stops no trial."""
        return self.grace_epochs if self.scheduler.unit == "epochs" else float(self.scheduler.grace_seconds or 0.0)

    @property
    def model_name(self) -> str:
        return self.registry.model or MODEL_NAMES[self.trainable]

    @property
    def experiment(self) -> str:
        return self.tracking.experiment or self.name

    def canonical(self) -> dict[str, Any]:
        """All settings, defaults written out, as JSON values; `parse_sweep` gives the same sweep back."""
        return self.model_dump(mode="json", by_alias=True)

    def kept(self) -> dict[str, Any]:
        """The same without the address of its webhook: what is written into files and shown."""
        return without_address(self.canonical())


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
        return Sweep.model_validate_json(json.dumps(given, default=str))
    except ValidationError as error:
        raise refusal(schema_problems(error, Sweep), origin or Origin("sweep", {})) from None


def load_sweep(path_or_preset: str | Path, overrides: Mapping[str, Any] | None = None) -> Sweep:
    """Reads a sweep file, or a preset by its name.

    Args:
        path_or_preset: a file, or one of `presets.preset_names()`.
        overrides: values by dotted key, e.g. {"audio.path": "recordings/", "budget.trials": 8}.

    Raises:
        InvalidInput: with file name and line where there is one.
    """
    document = overridden(read_document(*sweep_text(path_or_preset)), overrides or {})
    return parse_sweep(document.values, document.origin)


def spec_hash(sweep: Sweep) -> str:
    """Digest of all that shapes a sweep's results; the same for two sweeps that differ in name, place or pace only."""
    return digest({key: value for key, value in sweep.canonical().items() if key not in WITHOUT_EFFECT_ON_RESULTS})
