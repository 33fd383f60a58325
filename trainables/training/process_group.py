"""The process group of a trial's Ray Train workers, which listens nowhere but on their nodes' own addresses.

Ray Train's own has its first worker serve torch's store on every address of its node, and leaves it to the host's name where gloo
listens. Here the store has a socket that is bound to the address by which Ray knows the node, loopback on a machine of its own,
and gloo and NCCL are told the interface of that address.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import MutableMapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import ray
import torch.distributed as distributed
from ray.train.backend import Backend
from ray.train.torch import TorchConfig

INTERFACES = ("GLOO_SOCKET_IFNAME", "NCCL_SOCKET_IFNAME")
SIOCGIFADDR = 0x8915  # Linux: the address of an interface
BACKLOG = 128
LEAVE_SECONDS = 10.0


class _OwnAddress(Backend):  # type: ignore[misc]
    share_cuda_visible_devices = True  # as Ray Train's own has it, which sets each worker's device

    def on_start(self, worker_group: Any, backend_config: TorchConfig) -> None:
        address, port = worker_group.execute_single(0, meeting_point)
        world, given = len(worker_group), (backend_config.backend, address, port, backend_config.timeout_s)
        ray.get([worker_group.execute_single_async(rank, join, rank, world, *given) for rank in range(world)])

    def on_shutdown(self, worker_group: Any, backend_config: TorchConfig) -> None:
        ray.wait(worker_group.execute_async(leave), num_returns=len(worker_group), timeout=LEAVE_SECONDS)


class OwnAddressTorchConfig(TorchConfig):  # type: ignore[misc]
    """For a group of several."""

    @property
    def backend_cls(self) -> type[Any]:
        own: type[Any] = _OwnAddress
        return own


def meeting_point() -> tuple[str, int]:
    """The address by which Ray knows this node, and a port that is free there now."""
    address = str(ray.util.get_node_ip_address())
    with _bound(address, 0) as probe:
        return address, int(probe.getsockname()[1])


def join(rank: int, world: int, backend: str, address: str, port: int, timeout_seconds: float) -> None:
    """Makes this process one of the group; returns when all are there.

    Args:
        address: of the node of rank 0.
    """
    use_own_interface(os.environ, str(ray.util.get_node_ip_address()))
    timeout = timedelta(seconds=timeout_seconds)
    listening = _listening(address, port) if rank == 0 else None
    store = distributed.TCPStore(  # type: ignore[attr-defined]
        address, port, world, rank == 0, timeout, wait_for_workers=False, master_listen_fd=listening
    )
    distributed.init_process_group(backend, store=store, rank=rank, world_size=world, timeout=timeout)


def leave() -> None:
    """Before its process ends, or serves another group."""
    if distributed.is_initialized():
        distributed.destroy_process_group()


def use_own_interface(environment: MutableMapping[str, str], address: str) -> None:
    """Has gloo and NCCL listen on the interface with this address, unless somebody has said otherwise."""
    if name := interface_of(address):
        for variable in INTERFACES:
            environment.setdefault(variable, name)


def interface_of(address: str) -> str:
    """The name of the interface that has this IPv4 address; "" if the system does not tell."""
    return next((name for _, name in socket.if_nameindex() if _address_of(name) == address), "")


def _address_of(interface: str) -> str:
    with suppress(OSError, ImportError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        import fcntl

        answer = fcntl.ioctl(asking.fileno(), SIOCGIFADDR, struct.pack("256s", interface.encode()[:15]))
        return socket.inet_ntoa(answer[20:24])
    return ""


def _listening(address: str, port: int) -> int:
    """A file descriptor, which is the store's from now on."""
    bound = _bound(address, port)
    bound.listen(BACKLOG)
    return bound.detach()


def _bound(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((address, port))
    return bound
