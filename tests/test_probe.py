"""What an epoch of a sweep costs, measured by training it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from small_sweep import changed, write_sweep

from tune import cli
from tune.errors import InvalidInput
from tune.planning.probe import Laps, TimedSource, probe
from tune.planning.stage import prepare_stage
from tune.sweep_file.spec import parse_sweep


def block_of(requests: list[Any]) -> list[Any]:
    return [f"block {request.name}" for request in requests]


@dataclass(frozen=True)
class Request:
    name: str
    items: int


def test_each_block_is_rendered_once_and_its_takes_are_counted() -> None:
    asked: list[str] = []

    def render(requests: list[Any]) -> list[Any]:
        asked.extend(one.name for one in requests)
        return block_of(requests)

    source, one, other = TimedSource(SimpleNamespace(blocks=render)), Request("a", 16), Request("b", 10)
    assert source.blocks([one, other, one]) == ["block a", "block b", "block a"]
    assert (asked, source.takes) == (["a", "b"], 26)
    source.forget([one])
    source.blocks([one])
    assert asked == ["a", "b", "a"]


def test_rendering_that_takes_too_long_is_given_up() -> None:
    source = TimedSource(SimpleNamespace(blocks=block_of), most_seconds=-1.0)
    with pytest.raises(InvalidInput, match=r"plan --probe: rendering alone has taken 0 s, for 0 takes\. Plan without it"):
        source.blocks([Request("a", 16)])


def test_what_rendering_takes_does_not_count_as_work() -> None:
    source = TimedSource(SimpleNamespace(blocks=block_of))
    laps = Laps(source)
    source.seconds += 1000.0
    assert laps.lap() == 0.0


@pytest.mark.slow
def test_a_probe_measures_every_part_and_a_plan_tells_the_hours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = changed(train={"workers": 0})
    sweep = parse_sweep(spec)
    cost = probe(sweep, prepare_stage(sweep, tmp_path / "store"))
    assert min(cost.epoch_seconds, cost.take_seconds, cost.map_seconds, cost.first_map_seconds) > 0
    assert cost.checkpoint_bytes > 10_000
    assert cli.main(["plan", str(write_sweep(tmp_path, spec)), "--probe", "--home", str(tmp_path / "home"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["predicted"]
    assert told["hours"] > 0 and told["cpu_hours"] > 0 and told["source"].startswith("two epochs")
