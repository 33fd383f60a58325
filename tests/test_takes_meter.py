"""The counts of a sweep go on when its catalogue died and another began."""

from __future__ import annotations

import ray

from trainables.rendering.render_counts import RenderCounts
from tune.driver.takes_meter import TakesMeter


def read(meter: TakesMeter, asked_takes: int, catalogue_id: str) -> int:
    """How many takes were asked for in all, once the meter has read this answer."""
    meter._read(ray.put(RenderCounts(asked_takes=asked_takes, catalogue_id=catalogue_id)))
    return meter.counts.asked_takes


def test_counts_of_a_catalogue_that_died_are_added_to_its_successor_s(local_ray: None) -> None:
    meter = TakesMeter(None)
    assert read(meter, 60, "first") == 60
    assert read(meter, 100, "first") == 100
    assert read(meter, 120, "second") == 220
    assert read(meter, 130, "second") == 230
    assert read(meter, 5, "third") == 235


def test_what_earlier_drivers_counted_is_in_the_counts(local_ray: None) -> None:
    meter = TakesMeter(None, RenderCounts(asked_takes=1000, catalogue_id="earlier"))
    assert meter.counts.asked_takes == 1000
    assert read(meter, 60, "first") == 1060
    assert read(meter, 70, "first") == 1070


def test_nothing_is_told_before_the_first_take() -> None:
    assert TakesMeter(None).line() == ""
