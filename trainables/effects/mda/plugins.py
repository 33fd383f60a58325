"""The real mda plugins (Paul Kellett's, as LV2 by David Robillard; Debian package mda-lv2), hosted by lv2.py."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path

import numpy as np

from trainables.audio import Audio
from trainables.effects.effect import BLOCK_SAMPLES, Effect, identify
from trainables.effects.lv2.calls import Binary, Ports, Stage, run, verify
from trainables.effects.lv2.folders import folders, search_path
from trainables.effects.mda.tables import PLUGINS, Plugin
from trainables.errors import InputError
from trainables.parameters import Settings

BUNDLE = "mda.lv2"
PRIMING_SAMPLES = 16
URI_PREFIX = "http://drobilla.net/plugins/mda/"
REMEDY = "Install the package mda-lv2 (apt install mda-lv2), set LV2_PATH to its folder, or use backend: pedalboard."


def load() -> dict[str, Effect]:
    """The nine effects by name.

    Raises:
        InputError: the bundle is not found, or one of its plugins cannot be loaded.
    """
    bundle = find_bundle()
    try:
        return {plugin.effect: _load_plugin(plugin, bundle / f"{plugin.name}.so") for plugin in PLUGINS}
    except OSError as error:
        raise InputError(f"backend 'mda' at {bundle}", f"cannot be loaded: {error}.", REMEDY) from error


def find_bundle() -> Path:
    """Folder of the mda plugins: in LV2_PATH where that is set, else where distributions put it.

    Raises:
        InputError: it is in none of these folders.
    """
    for folder in folders():
        if (folder / BUNDLE).is_dir():
            return folder / BUNDLE
    raise InputError("backend 'mda'", f"needs the folder {BUNDLE}, which is not in {search_path()}.", REMEDY)


def _load_plugin(plugin: Plugin, library: Path) -> Effect:
    verify(Binary(library, URI_PREFIX + plugin.name))
    build = f"{hashlib.sha256(library.read_bytes()).hexdigest()} {','.join(plugin.primed_at_zero)}"
    identity = identify("mda", build, plugin.parameters, BLOCK_SAMPLES)
    process = partial(_process, library, plugin)
    return Effect(plugin.effect, plugin.title, "mda", plugin.parameters, identity, process)


def _process(
    library: Path, plugin: Plugin, dry: Audio, sample_rate: int, settings: Settings, *, block_samples: int = BLOCK_SAMPLES
) -> Audio:
    """Mono goes to both inputs and comes back as the mean of both outputs; stereo is left as it is."""
    both = np.repeat(dry, 2, axis=0) if dry.shape[0] == 1 else dry
    stages = [*_priming(plugin, settings), Stage(_controls(plugin, settings), both)]
    binary = Binary(library, URI_PREFIX + plugin.name)
    wet = run(binary, _ports(len(plugin.parameters)), stages, sample_rate, block_samples)[-1]
    return (wet[:1] + wet[1:]) * np.float32(0.5) if dry.shape[0] == 1 else wet


def _priming(plugin: Plugin, settings: Settings) -> list[Stage]:
    if not plugin.primed_at_zero:
        return []
    primed = dict(settings) | dict.fromkeys(plugin.primed_at_zero, 0.0)
    return [Stage(_controls(plugin, primed), np.zeros((2, PRIMING_SAMPLES), np.float32))]


def _controls(plugin: Plugin, settings: Settings) -> list[float]:
    return [settings[p.name] for p in plugin.parameters]


def _ports(controls: int) -> Ports:
    """All nine number their controls first, then left and right in, left and right out."""
    return Ports(tuple(range(controls)), (controls, controls + 1), (controls + 2, controls + 3))
