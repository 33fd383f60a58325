"""What a plan promises, against what trials would really ask for."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from trainables.configs import TrainConfig, VaeConfig
from trainables.evaluation.evaluation_set import evaluation_requests
from trainables.rendering.schedule import shared_control_portions, training_requests, validation_requests
from trainables.rendering.takes import BlockRequest
from tune.errors import InvalidInput
from tune.planning.capacity import Cluster, Node, concurrency_that_fits, machine, why_none_fits
from tune.planning.plan import plan
from tune.planning.plan_warnings import corpus_warnings
from tune.planning.rendering_cost import splits
from tune.space.dimensions import EFFECT_SPLIT
from tune.space.trials import default_trial_config, to_trial_config
from tune.sweep_file.presets import preset_names
from tune.sweep_file.spec import Sweep, load_sweep, parse_sweep


def sweep_of(**sections: Any) -> Sweep:
    return parse_sweep({"name": "x", "budget": {"trials": 12, "hours": 1}, **sections})


def requests_of(sweep: Sweep, split: str) -> set[BlockRequest]:
    """Every block that a trial of this split asks for, if nothing stops it."""
    config = to_trial_config(sweep, {EFFECT_SPLIT: split})
    epochs = [request for epoch in range(config.train.max_epochs) for request in training_requests(config, epoch)]
    return {*epochs, *validation_requests(config), *evaluation_requests(config)}


@pytest.mark.parametrize("schedule", ["per_item", "per_epoch"])
@pytest.mark.parametrize("split", [{"hold_out": 0}, {"hold_out": 3}, [["delay"], ["combo", "loudness"]]])
def test_the_planned_blocks_are_those_that_trials_ask_for(schedule: str, split: Any) -> None:
    train = {"max_epochs": 7, "items_per_epoch": 50, "effect_schedule": schedule}
    sweep = sweep_of(train=train, search={EFFECT_SPLIT: split}, budget={"trials": 200})
    controls = {portion.request for portion in shared_control_portions(to_trial_config(sweep, {}))}
    asked = set.union(controls, *(requests_of(sweep, split) for split in splits(sweep)))
    planned = plan(sweep, machine(2))
    assert planned.blocks == len(asked)
    assert planned.blocks_unshared == 200 * max(len(requests_of(sweep, split)) for split in splits(sweep))


@pytest.mark.parametrize("sections", [{"model": {"perceptual_weight": 1}}, {"search": {"perceptual_weight": {"choice": [0, 1]}}}])
def test_blocks_that_are_also_heard_are_planned_twice(sections: dict[str, Any]) -> None:
    train = {"max_epochs": 3, "items_per_epoch": 50}
    silent, heard = (plan(sweep_of(train=train, **more), machine(2)) for more in ({}, sections))
    config = replace(default_trial_config(sweep_of()), model=VaeConfig(perceptual_weight=1.0), train=TrainConfig(**train))
    asked = [*validation_requests(config), *(request for epoch in range(3) for request in training_requests(config, epoch))]
    assert heard.blocks - silent.blocks == len({request for request in asked if request.form == "timbre"}) > 0
    assert len(heard.warnings) == len(silent.warnings) + 1


def test_one_trial_shares_nothing() -> None:
    planned = plan(sweep_of(budget={"trials": 1}), machine(2))
    assert planned.blocks == planned.blocks_unshared
    assert planned.takes == planned.takes_unshared


def test_evaluation_items_are_those_of_the_fixed_set() -> None:
    sweep = sweep_of(evaluation={"settings_per_effect": 7})
    assert (
        plan(sweep, machine(2)).evaluation_items == sum(r.items for r in evaluation_requests(default_trial_config(sweep))) == 140
    )


@pytest.mark.parametrize(
    ("workers", "asked", "cpus", "trials"),
    [(1, None, 2, 2), (0, None, 2, 2), (2, None, 5, 2), (1, 1, 8, 1), (1, 8, 2, 2), (1, None, 64, 12)],
)
def test_as_many_trials_run_at_once_as_fit_are_asked_for_and_are_left(
    workers: int, asked: int | None, cpus: int, trials: int
) -> None:
    sweep = sweep_of(train={"workers": workers}, concurrency=asked)
    assert plan(sweep, machine(cpus)).concurrency == concurrency_that_fits(sweep, cpus) == trials


@pytest.mark.parametrize(("workers", "gpus", "trials"), [(1, 1, 1), (1, 3, 3), (0, 2, 2), (2, 5, 2)])
def test_where_trials_train_on_gpus_their_number_counts_too(workers: int, gpus: int, trials: int) -> None:
    sweep = sweep_of(train={"workers": workers, "gpus": 1})
    assert concurrency_that_fits(sweep, 64, gpus) == trials
    with pytest.raises(InvalidInput, match=r"train.gpus 1: a trial takes \d GPUs and the cluster has 0\. Set it to 0"):
        concurrency_that_fits(sweep, 64, 0)
    assert any("the cluster has 0. Set it to 0" in warning for warning in plan(sweep, machine(64)).warnings)
    planned = plan(sweep, machine(64, gpus))
    assert planned.concurrency == trials and f"and {max(1, workers)} of {gpus} GPUs each" in planned.lines()[2]


@pytest.mark.parametrize(
    ("nodes", "workers", "gpus", "fits"),
    [
        ([(0, 0), (8, 0), (4, 1)], 1, 1, 1),
        ([(0, 0), (8, 0), (1, 4)], 1, 1, 1),
        ([(0, 0), (8, 0), (4, 1)], 4, 0, 3),
        ([(3, 0), (3, 0)], 4, 0, 1),
        ([(3, 0), (3, 0)], 0, 0, 6),
    ],
)
def test_a_worker_has_its_cpu_and_its_gpu_on_one_node(nodes: list[tuple[int, int]], workers: int, gpus: int, fits: int) -> None:
    cluster = Cluster(tuple(Node("n", cpus, has) for cpus, has in nodes))
    planned = plan(sweep_of(train={"workers": workers, "gpus": gpus}), cluster)
    assert (planned.concurrency, planned.cpus) == (fits, sum(cpus for cpus, _ in nodes))


def test_gpus_of_nodes_that_offer_no_cpus_are_told() -> None:
    cluster = Cluster((Node("cpus", 8), Node("gpus", 0, 4)))
    planned = plan(sweep_of(train={"workers": 1, "gpus": 1}), cluster)
    assert planned.concurrency == 0
    assert [warning for warning in planned.warnings if "train.gpus" in warning] == [
        why_none_fits(sweep_of(train={"gpus": 1}), cluster)
    ]
    assert "nodes with GPUs offer too few" in planned.warnings[0]


def test_a_trial_that_does_not_fit_is_refused_and_warned_of() -> None:
    sweep = sweep_of(train={"workers": 4})
    with pytest.raises(InvalidInput, match=r"train.workers 4: a trial takes 4 CPUs and the cluster has 2\."):
        concurrency_that_fits(sweep, 2)
    planned = plan(sweep, machine(2))
    assert planned.concurrency == 0
    assert any("a trial takes 4 CPUs" in warning for warning in planned.warnings)


def test_epochs_points_and_rungs() -> None:
    sweep = sweep_of(
        train={"max_epochs": 20},
        scheduler={"grace_epochs": 2, "reduction": 3},
        search={"patience": {"int": [1, 4]}, "effect_split": {"hold_out": 3}},
    )
    planned = plan(sweep, machine(2))
    assert (planned.epochs, planned.points, planned.rungs) == (240, 336, (2, 6, 18))
    assert plan(sweep_of(search={"beta": {"float": [0, 1]}}), machine(2)).points is None
    for elsewise in ({"type": "none"}, {"type": "median"}, {"unit": "seconds", "grace_seconds": 9}):
        assert plan(sweep_of(scheduler=elsewise), machine(2)).rungs == ()


CALM: dict[str, Any] = {
    "budget": {"trials": 12, "hours": 1},
    "search": {"beta": {"float": [0, 1]}},
    "train": {"max_epochs": 20, "patience": 2},
    "scheduler": {"grace_epochs": 4},
}


NO_LEARNING = {"sampler": {"type": "random"}}
CONDITIONAL: dict[str, Any] = {"input": ["difference", "wet"], "beta": {"float": [0, 1], "when": {"input": "difference"}}}


def test_a_sweep_in_order_has_no_warnings() -> None:
    assert plan(sweep_of(**CALM), machine(2)).warnings == ()
    in_seconds = {**CALM, "scheduler": {"unit": "seconds", "grace_seconds": 1}}
    assert plan(sweep_of(**in_seconds), machine(2)).warnings == (), "neither patience nor size is searched"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"budget": {"trials": 12}}, "budget.hours is not set"),
        ({"budget": {"trials": 8, "hours": 1}}, "TPE draws its first 10 proposals by chance"),
        ({"search": {"latent_size": [8, 16]}}, "the space has 2 different trials, so"),
        (
            {"search": {"latent_size": [8, 16]}, "repeat": 3, **NO_LEARNING},
            "2 different trials with 3 seeds each, so",
        ),
        ({"repeat": 3}, "TPE draws its first 10 proposals by chance"),
        ({"repeat": 5, **NO_LEARNING}, "budget.trials 12: no multiple of repeat 5"),
        ({"sampler": {"type": "nsga2"}, "scheduler": {"type": "none"}}, "NSGA-II draws its first 20 proposals by chance"),
        ({"sampler": {"type": "gp"}}, "sampler.type gp: learns from trials that end by themselves, and asha stops most"),
        (
            {"sampler": {"type": "gp"}, "scheduler": {"type": "none"}, "search": CONDITIONAL},
            "sampler.type gp: beta under a condition is proposed by chance, never learned",
        ),
        ({"search": {**CONDITIONAL, "patience": {"derive": "3 * latent_size"}, "latent_size": [1, 2]}}, "longest patience is 6"),
        ({"train": {"max_epochs": 20, "patience": 5}}, "the longest patience is 5 epochs"),
        ({"search": {"beta": {"float": [0, 1]}, "patience": {"int": [1, 6]}}}, "the longest patience is 6 epochs"),
        ({"train": {"max_epochs": 20, "effect_schedule": "per_epoch", "patience": 2}}, "the longest patience is 12 epochs"),
        ({"scheduler": {"type": "median", "grace_epochs": 1}}, "the longest patience is 2 epochs"),
        (
            {"search": {"beta": {"float": [0, 1]}, "latent_size": [8, 16]}, "scheduler": {"grace_epochs": 1}},
            "before their patience could end them, and large models, which may learn more slowly, look worse than they are",
        ),
        (
            {
                "search": {"beta": {"float": [0, 1]}, "patience": {"int": [1, 6]}},
                "scheduler": {"unit": "seconds", "grace_seconds": 60},
            },
            "scheduler.grace_seconds 60: patience counts epochs, up to 6 here, and cannot be compared with seconds",
        ),
        ({"train": {"max_epochs": 20, "patience": 20}, "scheduler": {"type": "none"}}, "never ends a trial"),
        ({"concurrency": 9}, "2 trials fit on 2 CPUs;"),
        ({"train": {"max_epochs": 20, "gpus": 1}}, "a trial takes 1 GPUs and the cluster has 0"),
        ({"model": {"perceptual_weight": 0.3}}, "brightness and depth of up to 5152 clips take about 0.1 CPU hours"),
        ({"search": {"beta": {"float": [0, 1]}, "perceptual_weight": {"float": [0, 1]}}}, "brightness and depth of up to"),
    ],
)
def test_what_is_likely_not_meant_is_warned_of(change: dict[str, Any], told: str) -> None:
    warnings = plan(sweep_of(**{**CALM, **change}), machine(2)).warnings
    assert len(warnings) == 1
    assert told in warnings[0]


@pytest.mark.parametrize("scheduler", [{"grace_epochs": 1}, {"unit": "seconds", "grace_seconds": 60}])
def test_large_matchers_are_warned_of_as_large_vaes_are(scheduler: dict[str, Any]) -> None:
    search = {"width": [64, 128], "learning_rate": {"log": [1e-4, 1e-3]}}
    objective = {"metric": "eval/match_ratio", "mode": "min"}
    warned = plan(
        sweep_of(**{**CALM, "trainable": "matcher", "objective": objective, "search": search, "scheduler": scheduler}), machine(2)
    )
    assert ["large models" in warning for warning in warned.warnings] == [True]


@pytest.mark.parametrize(
    "sections",
    [
        {**CALM, "from": "earlier", "budget": {"trials": 8, "hours": 1}},
        {**CALM, "search": CONDITIONAL},
        {**CALM, "search": {"latent_size": [8, 16]}, "repeat": 6, **NO_LEARNING},
    ],
)
def test_what_is_meant_is_not_warned_of(sections: dict[str, Any]) -> None:
    assert plan(sweep_of(**sections), machine(2)).warnings == ()


def test_repeats_points_to_try_and_requirements_are_told() -> None:
    sections = {"repeat": 3, "require": ["latent_size * beta <= 32"], "try": [{"latent_size": 8}], "from": "earlier"}
    line = plan(sweep_of(search={"latent_size": [8, 16]}, **sections), machine(2)).lines()[1]
    assert line == "trials      12 of a space of 2 points, each with 3 seeds, 1 to try first, 1 to require, learning from earlier"


@pytest.mark.parametrize("preset", preset_names())
def test_every_preset_is_planned_without_warnings_and_printed(preset: str) -> None:
    planned = plan(load_sweep(preset), machine(2))
    assert planned.warnings == ()
    assert planned.lines()[0].endswith(preset)
    warned = replace(planned, warnings=("too much",)).lines()
    assert warned[-1].endswith("too much")
    assert warned[:-1] == planned.lines()


@pytest.mark.parametrize(("sampler", "trials", "warned"), [("random", 12, True), ("random", 90, False), ("tpe", 12, False)])
def test_more_splits_than_trials_are_told_where_the_sampler_does_not_know_which_are_alike(
    sampler: str, trials: int, warned: bool
) -> None:
    sweep = sweep_of(search={EFFECT_SPLIT: {"hold_out": 3}}, sampler={"type": sampler}, budget={"trials": trials})
    assert any("84 splits" in warning for warning in plan(sweep, machine(2)).warnings) == warned


@pytest.mark.parametrize(("evaluated", "warned"), [(5, True), (6, False)])
def test_few_recordings_to_evaluate_on_are_told(evaluated: int, warned: bool) -> None:
    corpus = SimpleNamespace(recordings=[None] * 20, partition=lambda name: [None] * evaluated)
    told = list(corpus_warnings(cast(Any, corpus)))
    assert bool(told) == warned and all(f"audio: {evaluated} of 20 recordings" in one for one in told)
