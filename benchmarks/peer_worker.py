"""Times transforms of audiomentations; run by effect_peers.py with the Python that has it.

Started with the path of a clip as .npy; answers each line {"transform", "arguments"} on standard input
with a line {"ms"} or {"missing"}.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np

SAMPLE_RATE = 44100


def main() -> None:
    """Answer until standard input ends."""
    clip = np.load(sys.argv[1])
    made: dict[str, Any] = {}
    for line in sys.stdin:
        try:
            if line not in made:
                made[line] = _transform(**json.loads(line))
                made[line](samples=clip, sample_rate=SAMPLE_RATE)
            answer: dict[str, object] = {"ms": _milliseconds(made[line], clip)}
        except (ImportError, AttributeError) as error:
            answer = {"missing": str(error)}
        print(json.dumps(answer), flush=True)


def _transform(transform: str, arguments: dict[str, Any]) -> Any:
    import audiomentations

    return getattr(audiomentations, transform)(**arguments, p=1.0)


def _milliseconds(transform: Any, clip: np.ndarray) -> float:
    transform(samples=clip, sample_rate=SAMPLE_RATE)
    begin = time.perf_counter()
    transform(samples=clip, sample_rate=SAMPLE_RATE)
    return 1000.0 * (time.perf_counter() - begin)


if __name__ == "__main__":
    main()
