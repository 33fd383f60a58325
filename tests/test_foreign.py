from dataclasses import dataclass
from itertools import count

import numpy as np
import pytest

from trainables.effects.isolation.foreign import ForeignPlugin, foreign_effect
from trainables.effects.isolation.isolated import Hosted, stop
from trainables.errors import InputError, TakeFailed
from trainables.parameters import Parameter

PARAMETERS = (
    Parameter("drive", 0.0, 1.0, 0.5),
    Parameter("level", 0.0, 1.0, 0.5),
    Parameter("meter", 0.0, 1.0, 0.5),
    Parameter("spare", 0.0, 1.0, 0.5),
)
PLUGIN = ForeignPlugin("Made Up", "vst3", PARAMETERS, "build 1", 2, frozenset({"meter", "drive"}))
REUSED, FRESH = Hosted("vst3:reused", "{}"), Hosted("vst3:fresh", "{}")


@dataclass(frozen=True)
class Drive:
    """A plugin that repeats itself where it is hosted in one of the ways only."""

    hosted: Hosted
    reliable: tuple[Hosted, ...]

    def __call__(self, dry, sample_rate, settings, *, block_samples=8192):
        error = 0.0 if self.hosted in self.reliable else next(TAKES)
        return (np.tanh(dry * (1 + 20 * settings["drive"])) * (settings["level"] + 1 + error)).astype(np.float32)


TAKES = count(1)


def reliable(*ways):
    return lambda hosted: Drive(hosted, ways)


def load(process_of, plugin=PLUGIN):
    for hosted in (REUSED, FRESH):
        stop(hosted)  # what an earlier one proved is forgotten
    return foreign_effect(plugin, (REUSED, FRESH), process_of)


def test_knobs_that_only_change_the_level_or_nothing_are_frozen_and_idle_meters_are_no_knobs():
    effect = load(reliable(REUSED))
    assert [(p.name, p.frozen) for p in effect.parameters] == [("drive", False), ("level", True), ("spare", True)]
    assert (effect.name, effect.title, effect.backend) == ("made_up", "Made Up", "vst3")


def test_the_first_way_that_repeats_itself_is_taken():
    first, second = load(reliable(REUSED, FRESH)), load(reliable(FRESH))
    assert (first.process.hosted, second.process.hosted) == (REUSED, FRESH)
    assert first.identity != second.identity


def test_what_never_repeats_itself_is_refused():
    with pytest.raises(InputError, match="vst3:reused: gives other samples each time"):
        load(reliable())


def test_another_build_has_another_identity():
    other = ForeignPlugin("Made Up", "vst3", PARAMETERS, "build 2", 2, PLUGIN.meters)
    assert load(reliable(REUSED)).identity != load(reliable(REUSED), other).identity


def test_what_crashes_when_it_is_measured_is_refused():
    def crash(dry, sample_rate, settings, *, block_samples=8192):
        raise TakeFailed("crashed", "vst3:reused crashed with signal SIGSEGV.")

    with pytest.raises(InputError, match="cannot render: vst3:reused crashed with signal SIGSEGV"):
        load(lambda hosted: crash)


def test_what_is_too_slow_for_a_sweep_is_refused(monkeypatch):
    monkeypatch.setattr("trainables.effects.isolation.foreign.quickest_take_seconds", lambda process, parameters: 2.0)
    with pytest.raises(InputError, match=r"needs 2\.0 s for the shortest take: too slow"):
        load(reliable(REUSED), ForeignPlugin("Slow", "vst3", PARAMETERS, "build", 2))
