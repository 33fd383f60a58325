"""A process group of several workers listens on its nodes' own addresses, and nowhere else."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.distributed as distributed
import torch.multiprocessing as processes
from listening import listeners
from ray_heads import free_port

from trainables.training import process_group
from trainables.training.process_group import INTERFACES, OwnAddressTorchConfig, interface_of, join, leave, use_own_interface

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def work(rank: int, port: int, folder: str) -> None:
    process_group.ray.util.get_node_ip_address = lambda: "127.0.0.1"  # type: ignore[attr-defined]
    join(rank, 2, "gloo", "127.0.0.1", port, 60.0)
    values = torch.tensor([float(rank + 1)])
    distributed.all_reduce(values)
    distributed.barrier()
    heard = listeners(os.getpid())
    distributed.barrier()
    leave()
    leave()
    torch.save({"sum": float(values), "heard": heard, "left": not distributed.is_initialized()}, f"{folder}/{rank}.pt")


@LINUX
def test_two_processes_meet_and_listen_on_the_nodes_address_alone(tmp_path: Path) -> None:
    processes.spawn(work, (free_port(), str(tmp_path)), nprocs=2)
    done: list[dict[str, Any]] = [torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in (0, 1)]
    assert [one["sum"] for one in done] == [3.0, 3.0] and all(one["left"] for one in done)
    assert all(one["heard"] and all(one["heard"].values()) for one in done), done


@LINUX
def test_the_interface_of_an_address_is_found() -> None:
    assert interface_of("127.0.0.1") == "lo" and interface_of("203.0.113.1") == ""


def test_what_somebody_has_said_of_interfaces_stays() -> None:
    said = {INTERFACES[0]: "eth7"}
    use_own_interface(said, "127.0.0.1")
    assert said[INTERFACES[0]] == "eth7"
    nothing: dict[str, str] = {}
    use_own_interface(nothing, "203.0.113.1")
    assert nothing == {}


def test_ray_train_is_told_of_it_by_the_config() -> None:
    assert OwnAddressTorchConfig(backend="gloo").backend_cls is process_group._OwnAddress
