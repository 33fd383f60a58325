"""The sections of a sweep file that are about the search; those about a trial are in trainables/configs.py."""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Gt, Interval
from pydantic import AfterValidator, StringConstraints

from tune.sweep_file.problems import Problem
from tune.sweep_file.section import Section, problems_error

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$"), "1 to 100 letters, digits, - and _"]
Text = Annotated[str, StringConstraints(min_length=1), "text that is not empty"]
Seed = Annotated[int, Interval(ge=0, le=2**32 - 1)]
Count = Annotated[int, Interval(ge=1, le=100_000)]


class Sampler(Section):
    """Who proposes the next trial.

    `tpe`: the tree-structured Parzen estimator; `gp`: a Gaussian process; `nsga2`: generations of `population` trials, whose
    best have offspring; `random`: chance; `grid`: a list of every point, each once.
    """

    type: Literal["tpe", "gp", "random", "grid", "nsga2"] = "tpe"
    seed: Seed = 0
    population: Annotated[int, Interval(ge=4, le=1000)] = 20


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
    from tune.ledger.study_database import check_url

    if why := check_url(url):
        raise problems_error((Problem((), "...", why, "For instance postgresql+psycopg2://me:$STUDY_PASSWORD@host/studies."),))
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
