"""Measures the effects of both backends and rewrites their manifests and the README's table of effects.

    python benchmarks/manifests.py [--all]

An effect is measured if no manifest of its present build is kept, or --all is given (some minutes, on one core); else
only what its table says is brought up to date. The mda plugins must be installed.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

from trainables.effects.effect import Effect
from trainables.effects.mda import plugins
from trainables.effects.measured.manifest import FOLDER, Manifest, make_manifest, manifests_text, read_manifests
from trainables.effects.measured.probe_clips import Clips, Effort, probe_clips
from trainables.effects.native import nine, processors
from tune.effects.effects_markdown import with_table

EFFORT = Effort()
README = Path(__file__).parent.parent / "README.md"


def rewrite(backend: str, effects: dict[str, Effect], everything: bool) -> None:
    """Brings the file of a backend up to date."""
    kept = {} if everything else read_manifests(backend)
    manifests = [_up_to_date(effect, kept.get(name)) for name, effect in effects.items()]
    (FOLDER / f"{backend}.json").write_text(manifests_text(manifests), encoding="utf-8")


def _up_to_date(effect: Effect, kept: Manifest | None) -> Manifest:
    if kept and kept.identity == effect.identity:
        return replace(kept, title=effect.title, parameters=effect.parameters)
    print(f"measuring {effect.backend}:{effect.name}", flush=True)
    return make_manifest(effect, _clips(), EFFORT)


@cache
def _clips() -> Clips:
    return probe_clips(EFFORT.clips)


def main() -> None:
    everything = "--all" in sys.argv[1:]
    rewrite("mda", plugins.load(), everything)
    rewrite("pedalboard", {**nine.load(), **processors.load()}, everything)
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
