from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import ray

from tune.driver.maps import MapQueue, Pictures


class Maker:
    """A map actor that draws its arguments."""

    def make(self, checkpoint: str, history: Sequence[Mapping[str, float]], title: str, seed: int) -> dict[str, bytes]:
        if title == "broken":
            raise ValueError("first line\nUMAP did not converge")
        return {"latent_map.png": f"{checkpoint} {len(history)} {title} {seed}".encode(), "latent_map.parquet": b"table"}


@pytest.fixture(scope="module")
def maker(local_ray: None) -> object:
    return ray.remote(Maker).options(num_cpus=0).remote()


def test_pictures_come_as_files_in_the_trials_folder(maker: object, tmp_path: Path) -> None:
    queue = MapQueue(maker, seed=7)
    folder = tmp_path / "maps" / "trial-3"
    queue.request(3, Path("/trials/trial.pt"), [{"train/loss": 1.0}], "trial 3", folder)
    assert queue.collect(timeout_seconds=60) == [Pictures(3, (folder / "latent_map.png", folder / "latent_map.parquet"))]
    assert (folder / "latent_map.png").read_text() == "/trials/trial.pt 1 trial 3 7"


def test_the_map_is_written_last_so_that_pictures_cut_short_are_drawn_again(maker: object, tmp_path: Path) -> None:
    queue = MapQueue(maker, seed=7)
    (tmp_path / "latent_map.parquet").mkdir()  # cannot be written
    queue.request(3, Path("x"), [], "trial 3", tmp_path)
    with pytest.raises(OSError):
        queue.collect(timeout_seconds=60)
    assert not MapQueue.drawn(tmp_path)


def test_pictures_are_handed_out_once(maker: object, tmp_path: Path) -> None:
    queue = MapQueue(maker, seed=0)
    for number in range(3):
        queue.request(number, Path("x"), [], "title", tmp_path / str(number))
    assert sorted(pictures.number for pictures in queue.collect(timeout_seconds=60)) == [0, 1, 2]
    assert queue.collect() == []


def test_a_picture_that_fails_costs_itself_only(maker: object, tmp_path: Path) -> None:
    queue = MapQueue(maker, seed=0)
    queue.request(0, Path("x"), [], "broken", tmp_path / "0")
    queue.request(1, Path("x"), [], "whole", tmp_path / "1")
    assert [pictures.number for pictures in queue.collect(timeout_seconds=60)] == [1]
    assert queue.failed == {0: "UMAP did not converge"}
    assert not (tmp_path / "0").exists()


def test_nothing_asked_for_is_nothing_to_wait_for() -> None:
    assert MapQueue(None, seed=0).collect(timeout_seconds=1000) == []
