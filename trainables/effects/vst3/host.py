"""A VST3 plugin inside the process that hosts it, by pedalboard."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
import pedalboard as pb

from trainables.audio import Audio
from trainables.effects.channels import through
from trainables.effects.isolation.c_random import restart_random
from trainables.effects.vst3.knobs import Knob, knobs_of
from trainables.errors import InputError, nearest

SHORTEST_SAMPLES = 64  # a (2, 1) array could be read as one channel of two samples
LAYOUTS = (2, 1)


class Vst3Host:
    """A loaded plugin.

    Args:
        specification: "path" of the plugin's file or folder; "plugin", its name if there are several in it, or "";
            "fresh": whether every take gets an instance of its own.
    """

    def __init__(self, specification: dict[str, Any]) -> None:
        self._path, self._name, self._fresh = (specification[key] for key in ("path", "plugin", "fresh"))
        _check_name(self._path, self._name)
        self._instance = self._load()
        if not self._instance.is_effect:
            raise InputError(f"VST3 plugin {self._path}", "is an instrument, not an effect.", "Choose another plugin.")
        self._knobs: dict[str, Knob] = knobs_of(self._instance)
        self._channels = self._find_channels()

    def introduce(self) -> dict[str, Any]:
        parameters = [{**asdict(knob.parameter), "may_be_meter": knob.may_be_meter} for knob in self._knobs.values()]
        title, version = self._instance.name, pb.__version__
        return {"title": title, "parameters": parameters, "channels": self._channels, "pedalboard": version}

    def render(self, dry: Audio, sample_rate: int, settings: dict[str, Any], block_samples: int) -> Audio:
        """`settings`: physical values by parameter name; a parameter that is not named is left alone."""
        once = partial(self._once, settings, sample_rate, block_samples)
        return through(once, dry, self._channels, self._channels)

    def _once(self, settings: dict[str, float], sample_rate: int, block_samples: int, audio: Audio) -> Audio:
        restart_random()
        plugin = self._load() if self._fresh else self._instance
        told = plugin.parameters  # made anew each time it is asked for
        for name, value in settings.items():
            knob = self._knobs[name]
            told[knob.own_name].raw_value = knob.curve.raw_at(value)
        samples = audio.shape[1]
        padded = np.pad(audio, ((0, 0), (0, max(0, SHORTEST_SAMPLES - samples))))
        wet: Audio = plugin(padded, sample_rate, buffer_size=block_samples, reset=True)
        return wet[:, :samples]

    def _load(self) -> Any:
        return pb.load_plugin(self._path, plugin_name=self._name or None)

    def _find_channels(self) -> int:
        for channels in LAYOUTS:
            try:
                self._instance(np.zeros((channels, SHORTEST_SAMPLES), np.float32), 44100, reset=True)
            except ValueError:
                continue
            return channels
        raise InputError(f"VST3 plugin {self._path}", "takes neither stereo nor mono.", "Choose another plugin.")


def _check_name(path: str, name: str) -> None:
    """pedalboard takes any name where a file holds one plugin only."""
    try:
        names = pb.VST3Plugin.get_plugin_names_for_file(path)
    except ImportError as error:
        raise InputError(f"VST3 plugin {path}", "is no VST3 plugin for this machine.", "Install another build of it.") from error
    if name and name not in names:
        raise InputError(f"VST3 plugin '{name}'", f"is not in {path}.", nearest(name, names))
    if not name and len(names) > 1:
        named = ", ".join(f"vst3:{path}#{one}" for one in names)
        raise InputError(f"VST3 plugin {path}", "holds several plugins.", f"Name one of them: {named}.")
