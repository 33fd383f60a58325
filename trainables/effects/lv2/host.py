"""An LV2 plugin inside the process that hosts it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from trainables.audio import Audio
from trainables.effects.channels import through
from trainables.effects.isolation.c_random import restart_random
from trainables.effects.lv2.calls import Binary, Ports, Stage, run, verify


class Lv2Host:
    """A plugin of which each take gets a fresh instance.

    Args:
        specification: "library" and "uri" of the plugin, and its "ports" as in `lv2.Ports`.
    """

    def __init__(self, specification: dict[str, Any]) -> None:
        self._binary = Binary(Path(specification["library"]), specification["uri"])
        self._ports = Ports(**{kind: tuple(numbers) for kind, numbers in specification["ports"].items()})
        verify(self._binary)

    def introduce(self) -> dict[str, Any]:
        return {}

    def render(self, dry: Audio, sample_rate: int, settings: dict[str, Any], block_samples: int) -> Audio:
        """`settings` holds "controls": a value for each control port, in the order of `ports`."""
        once = partial(self._once, settings["controls"], sample_rate, block_samples)
        return through(once, dry, len(self._ports.inputs), len(self._ports.outputs))

    def _once(self, controls: list[float], sample_rate: int, block_samples: int, audio: Audio) -> Audio:
        restart_random()
        [wet] = run(self._binary, self._ports, [Stage(controls, audio)], sample_rate, block_samples)
        return wet
