"""`fxsweep effects NAME --measure`: measures an effect now and compares it with its manifest."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress

from rich.console import Console

from trainables.effects import Effect, apply
from trainables.effects.measured.manifest import Manifest, differences, make_manifest
from trainables.effects.measured.probe_clips import Clips, Effort, probe_clips
from trainables.errors import InputError, TakeFailed
from tune.errors import InvalidInput

PATIENCE_SECONDS = 60.0
COARSE = Effort(clips=4, positions=3, step_positions=17)


def measure_now(effect: Effect, source: str, kept: Manifest | None) -> Manifest:
    """The effect's manifest, made now; coarser for a slow plugin of which none is kept.

    Raises:
        InvalidInput: the plugin hung or crashed.
        InputError: it takes no clip at all.
    """
    clips = probe_clips(Effort().clips)
    try:
        effort = Effort() if kept else effort_for(_seconds_per_render(effect, clips), len(effect.parameters))
        with Console(stderr=True).status(f"measuring {len(effect.parameters)} knobs of {effect.name} over {effort.clips} clips"):
            return make_manifest(effect, clips.first(effort.clips), effort)
    except TakeFailed as failure:
        raise InvalidInput(
            f"effect '{source}': {failure} while it was measured. Leave it out, or use another build."
        ) from failure


def differing(kept: Manifest | None, measured: Manifest) -> Sequence[str]:
    """Where the manifest kept is not what was measured; nothing if there is none."""
    return differences(kept, measured) if kept else ()


def comparison(kept: Manifest | None, measured: Manifest) -> str:
    """The same as a sentence, or several lines."""
    found = differing(kept, measured)
    if kept is None:
        return "Measured just now; no manifest of it is kept to compare with."
    if not found:
        return "Measured just now: nothing differs from the manifest."
    return "\n".join((f"Measured just now: {len(found)} figures differ from the manifest.", *(f"  {line}" for line in found)))


def effort_for(seconds_per_render: float, knobs: int) -> Effort:
    """How thoroughly to measure a plugin so slow and with so many knobs: in full if that takes about a minute at most."""
    full = Effort()
    renders = knobs * (2 * full.clips * full.positions + full.step_positions)
    return COARSE if renders * seconds_per_render > PATIENCE_SECONDS else full


def _seconds_per_render(effect: Effect, clips: Clips) -> float:
    """The longer of mono and stereo; one that is refused takes no time."""
    took = [0.0]
    for sounds in (clips.mono, clips.stereo):
        began = time.monotonic()
        with suppress(InputError):
            apply(effect, sounds[0], clips.sample_rate, {})
            took.append(time.monotonic() - began)
    return max(took)
