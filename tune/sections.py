"""The sections of a sweep file that are about the search; those about a trial are in trainables/configs.py."""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Gt, Interval
from pydantic import StringConstraints

from tune.section import Section

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
    """Who stops trials early: asynchronous successive halving, or nobody.

    No trial is stopped before `grace_epochs` (default: an eighth of train.max_epochs); at a rung one of `reduction` goes on.
    """

    type: Literal["asha", "none"] = "asha"
    grace_epochs: Count | None = None
    reduction: Annotated[int, Interval(ge=2, le=16)] = 3


class Budget(Section):
    """When the sweep ends: after so many trials, or so many hours, whichever is first."""

    trials: Count = 20
    hours: Annotated[float, Gt(0.0)] | None = None


class Registry(Section):
    """The registered model that the best trial becomes a version of. Default: fx- and the trainable."""

    model: Name | None = None


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
