"""What trials are compared by: one score, or several things of which none is given up for another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, PlainSerializer, Tag, model_validator

from trainables.errors import nearest
from tune.sweep_file.problems import Problem
from tune.sweep_file.section import Section, problems_error

SCORES = (
    "eval/probe_accuracy",
    "eval/unseen_gain",
    "eval/unseen_accuracy",
    "eval/knn_accuracy",
    "eval/retrieval",
    "eval/skill/mean",
    "eval/match_ratio",
)
MATCH_RATIO = "eval/match_ratio"  # of a matcher: what is left of the distance to what is right
LOWER_IS_BETTER = (MATCH_RATIO, "trial/seconds")
SECONDS = "trial/seconds"  # of a trial's own work, all its epochs together
MOST_OBJECTIVES = 3  # of more, almost every trial is the best of some mixture
Mode = Literal["max", "min"]


def _check_metric(metric: str) -> str:
    if metric in (*SCORES, SECONDS):
        return metric
    raise problems_error((Problem((), metric, _why_not(metric), nearest(metric, (*SCORES, SECONDS))),))


def _why_not(metric: str) -> str:
    if metric.startswith(("train/", "validation/")) or "loss" in metric:
        meaning = "A loss, or a score of the split's own effects, means another thing for each latent size and split"
        return f"{meaning}, so it cannot order trials."
    if metric.startswith("control/"):
        return "A control is what a trial must beat, not what it is searched for."
    return "This is not a score that trials can be compared by."


class Objective(Section):
    """What trials are compared by: a score on the fixed evaluation set, or beside one the trial's seconds."""

    metric: Annotated[str, AfterValidator(_check_metric), "one of " + ", ".join((*SCORES, SECONDS))] = SCORES[0]
    mode: Mode = "max"

    @model_validator(mode="after")
    def _better(self) -> Objective:
        wanted = "min" if self.metric in LOWER_IS_BETTER else "max"
        if self.mode != wanted:
            rule = f"This must be {wanted}: {'less' if wanted == 'min' else 'more'} of {self.metric} is better."
            raise problems_error((Problem(("mode",), self.mode, rule, f"Write {{metric: {self.metric}, mode: {wanted}}}."),))
        return self


def _which(data: Any) -> str:
    return "several" if isinstance(data, list | tuple) else "one"


def _check_several(objectives: tuple[Objective, ...]) -> tuple[Objective, ...]:
    metrics = [objective.metric for objective in objectives]
    if not 1 <= len(metrics) <= MOST_OBJECTIVES:
        rule = f"There must be 1 to {MOST_OBJECTIVES} objectives."
        raise problems_error((Problem((), f"{len(metrics)} objectives", rule, "Leave out what matters least."),))
    again = next((index for index, metric in enumerate(metrics) if metric in metrics[:index]), None)
    if again is not None:
        raise problems_error((Problem((again,), metrics[again], "Each objective may be given once.", "Remove one of them."),))
    return objectives


def _as_tuple(given: Objective | tuple[Objective, ...]) -> tuple[Objective, ...]:
    objectives = given if isinstance(given, tuple) else (given,)
    if objectives[0].metric == SECONDS:
        rule = "The first objective must be a score: the best trial is the one that has most of it."
        raise problems_error((Problem((), SECONDS, rule, f"Write {SCORES[0]} before it."),))
    return objectives


def _as_data(objectives: tuple[Objective, ...]) -> Any:
    data = [objective.model_dump() for objective in objectives]
    return data[0] if len(data) == 1 else data


if TYPE_CHECKING:
    Objectives = tuple[Objective, ...]
else:
    _Several = Annotated[tuple[Objective, ...], AfterValidator(_check_several)]
    Objectives = Annotated[
        Annotated[Objective, Tag("one")] | Annotated[_Several, Tag("several")],
        Discriminator(_which),
        AfterValidator(_as_tuple),
        PlainSerializer(_as_data),
    ]
ALTERNATIVES = ("one", "several")  # which pydantic tells among the keys that lead to a mistake


def improvement(values: Mapping[str, float], objective: Mapping[str, str]) -> float:
    """A value turned so that more of it is better."""
    return values[objective["metric"]] * (1.0 if objective["mode"] == "max" else -1.0)
