"""One render for each block, and what is dropped when memory runs out."""

from __future__ import annotations

import subprocess
import sys

from trainables.catalogue import Catalogue
from trainables.configs import FrontEndConfig
from trainables.takes import BlockRequest, RenderPlan, block_bytes

PLAN = RenderPlan("corpus", 16000, 8192, 1, 0, "mda", (("delay", "a"), ("combo", "b")), FrontEndConfig(bands=32))
REQUESTS = [BlockRequest(effect, "train", draw, 8) for effect in ("delay", "combo") for draw in range(3)]


class Renderer:
    """Stands where a Ray actor's handle would."""

    def __init__(self) -> None:
        self.asked: list[BlockRequest] = []
        self.render = self

    def remote(self, request: BlockRequest) -> str:
        self.asked.append(request)
        return f"object of {request}"


def test_catalogue_drops_what_was_not_asked_for_longest() -> None:
    renderer, room = Renderer(), 2 * block_bytes(PLAN, REQUESTS[0])
    catalogue = Catalogue([renderer], PLAN, capacity_bytes=room)
    first, second, third = REQUESTS[:3]
    catalogue.get([first, second])
    catalogue.get([first])
    catalogue.get([third])  # drops the second
    catalogue.get([first])
    assert renderer.asked == [first, second, third]
    catalogue.get([second])
    assert renderer.asked == [first, second, third, second]


def test_prefetched_blocks_are_not_rendered_again() -> None:
    renderer = Renderer()
    catalogue = Catalogue([renderer], PLAN, capacity_bytes=1 << 30)
    catalogue.prefetch(REQUESTS)
    catalogue.get(REQUESTS)
    assert renderer.asked == REQUESTS
    assert catalogue.counts().asked_takes == sum(request.items for request in REQUESTS)


def test_catalogue_imports_neither_torch_nor_ray() -> None:
    code = "import sys, trainables.catalogue, trainables.mailbox; sys.exit(bool({'torch', 'ray'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
