"""The sections of a sweep file that are about the search; those about a trial are in trainables/configs.py."""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Gt, Interval
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError

from trainables.errors import nearest
from tune.problems import Problem

CLOSED = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$"), "1 to 100 letters, digits, - and _"]
Text = Annotated[str, StringConstraints(min_length=1), "text that is not empty"]
Seed = Annotated[int, Interval(ge=0, le=2**32 - 1)]
Count = Annotated[int, Interval(ge=1, le=100_000)]

OBJECTIVES = (
    "eval/probe_accuracy",
    "eval/unseen_gain",
    "eval/unseen_accuracy",
    "eval/knn_accuracy",
    "eval/retrieval",
    "eval/skill/mean",
)


def problems_error(problems: tuple[Problem, ...]) -> PydanticCustomError:
    """Carries our own problems through pydantic; their paths go on from where it is raised."""
    return PydanticCustomError("problems", "not valid", {"problems": problems})


def _check_metric(metric: str) -> str:
    if metric in OBJECTIVES:
        return metric
    raise problems_error((Problem((), metric, _why_not(metric), nearest(metric, OBJECTIVES)),))


def _why_not(metric: str) -> str:
    if metric.startswith(("train/", "validation/")) or "loss" in metric:
        meaning = "A loss, or a score of the split's own effects, means another thing for each latent size and split"
        return f"{meaning}, so it cannot order trials."
    if metric.startswith("control/"):
        return "A control is what a trial must beat, not what it is searched for."
    return "This is not a score that trials can be compared by."


class Section(BaseModel):
    """A closed mapping: frozen, unknown keys refused, no conversion between types."""

    model_config = CLOSED


class Objective(Section):
    """What trials are compared by: a score on the fixed evaluation set."""

    metric: Annotated[str, AfterValidator(_check_metric), "one of " + ", ".join(OBJECTIVES)] = "eval/probe_accuracy"
    mode: Literal["max"] = "max"


class Sampler(Section):
    """Who proposes the next trial: the tree-structured Parzen estimator, chance, or a list of every point, each once."""

    type: Literal["tpe", "random", "grid"] = "tpe"
    seed: Seed = 0


class Scheduler(Section):
    """Who stops trials early: asynchronous successive halving, the median rule, or nobody.

    No trial is stopped before `grace_epochs` (default: an eighth of train.max_epochs) or, by `unit: seconds`, before
    `grace_seconds` of its own work; at a rung of asha one of `reduction` goes on.
    """

    type: Literal["asha", "median", "none"] = "asha"
    unit: Literal["epochs", "seconds"] = "epochs"
    grace_epochs: Count | None = None
    grace_seconds: Annotated[float, Gt(0.0)] | None = None
    reduction: Annotated[int, Interval(ge=2, le=16)] = 3


class Budget(Section):
    """When the sweep ends, whichever is first: after so many trials, hours by the clock, or hours of computing.

    `compute_hours` are those of the CPUs (of the GPUs, if trials have some) that trials hold. `retries` is how often a trial
    goes on from its last checkpoint after its process, or the node it ran on, was lost.
    """

    trials: Count = 20
    hours: Annotated[float, Gt(0.0)] | None = None
    compute_hours: Annotated[float, Gt(0.0)] | None = None
    retries: Annotated[int, Interval(ge=0, le=100)] = 2


class Registry(Section):
    """The registered model that the best trial becomes a version of. Default: fx- and the trainable."""

    model: Name | None = None


def _check_storage(url: str) -> str:
    from tune.study_database import check_url

    if why := check_url(url):
        raise problems_error((Problem((), "...", why, "For instance postgresql://me:$STUDY_PASSWORD@host/studies."),))
    return url


class Study(Section):
    """Where the Optuna study is kept: a database's URL (`$NAME` in it is taken from the environment), or a journal file."""

    storage: Annotated[str, AfterValidator(_check_storage), "a database's URL"] | None = None


class Tracking(Section):
    """The MLflow server and experiment. Defaults: the one of the command line, and the sweep's name."""

    uri: Text | None = None
    experiment: Text | None = None


class Render(Section):
    """How many render actors, and how much memory rendered takes may hold. Defaults: what fits.

    What does not fit into `memory_gb` is dropped, the least recently used first, and rendered again when it is asked for.
    """

    actors: Annotated[int, Interval(ge=1, le=1024)] | None = None
    memory_gb: Annotated[float, Gt(0.0)] | None = None
