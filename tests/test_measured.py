from __future__ import annotations

from dataclasses import replace

import made_up_effects as made
import pytest
from made_up_effects import made_up

from trainables.effects.measured.manifest import make_manifest
from trainables.effects.measured.probe_clips import Effort
from trainables.errors import TakeFailed
from tune.effects.measured import COARSE, comparison, differing, effort_for, measure_now
from tune.errors import InvalidInput

EFFORT = Effort(clips=2, positions=3, step_positions=5)


def manifest(process):
    return make_manifest(made_up(process), made.clips(2), EFFORT)


def test_where_nothing_differs_it_says_so():
    assert comparison(manifest(made.echo), manifest(made.echo)) == "Measured just now: nothing differs from the manifest."
    assert differing(manifest(made.echo), manifest(made.echo)) == ()


def test_what_differs_is_told_line_by_line():
    text = comparison(manifest(made.gain), manifest(made.tremolo))
    assert text.splitlines()[0] == f"Measured just now: {len(text.splitlines()) - 1} figures differ from the manifest."
    assert "  moves True, not False" in text.splitlines()


def test_what_has_no_manifest_is_compared_with_nothing():
    assert "no manifest of it is kept" in comparison(None, manifest(made.gain))
    assert differing(None, manifest(made.gain)) == ()


def test_an_effect_of_which_nothing_is_kept_is_measured():
    measured = measure_now(made_up(made.mono_only), "x", None)
    assert measured.measurement.behaviour.memory == "none" and measured.measurement.knobs[0].stereo is None


def test_a_plugin_that_is_slow_or_has_many_knobs_is_measured_coarsely():
    assert (effort_for(0.005, 10), effort_for(0.5, 1), effort_for(0.02, 31)) == (Effort(), COARSE, COARSE)


def test_a_plugin_that_hangs_is_told_by_its_source():
    def hanging(dry, rate, settings, block):
        raise TakeFailed("hung", "vst3:x.vst3 gave nothing for 10 s")

    effect = replace(made_up(hanging), name="x")
    with pytest.raises(InvalidInput, match=r"effect 'vst3:x\.vst3': hung: .*while it was measured"):
        measure_now(effect, "vst3:x.vst3", None)
