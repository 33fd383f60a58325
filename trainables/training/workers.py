"""What runs a trial's epochs: Ray Train workers that stay warm from trial to trial, or this very process.

A Ray Train worker group takes 10 s and more to start, a trial may last ten. So one group serves a
trial slot for the whole sweep: its train function is a loop over commands (begin, next, save, exit) that the
trial sends through a Mailbox actor. `WorkerGroup` and `InProcess` have one interface:

    begin(config, state)    a new trial, from saved bytes if given
    next() -> Report        one epoch
    save() -> bytes         the state after the last epoch
    alive(), reconnect()    after a loss
    stop()
"""

from __future__ import annotations

import threading
import traceback
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import ray
import torch
from ray.train import FailureConfig, RunConfig, ScalingConfig
from ray.train.backend import Backend
from ray.train.torch import TorchConfig

from trainables.configs import TrialConfig
from trainables.training.checkpoint import dump_state, parse_state
from trainables.training.mailbox import Command, FitError, Mailbox, Outcome, Reply, Report, WorkersLost
from trainables.training.process_group import OwnAddressTorchConfig
from trainables.training.trainable import worker_resources
from trainables.training.trial_placement import TrialPlacedTorchTrainer

Fit = Callable[[TrialConfig, dict[str, Any] | None], Iterator[Any]]


class LoneTorchConfig(TorchConfig):  # type: ignore[misc]
    """For a group of one: no process group, whose store would take time to start and listen on every address."""

    @property
    def backend_cls(self) -> type[Any]:
        none: type[Any] = Backend
        return none


class FitRunner:
    """Drives the generator `fit` by commands. One lives in every rank, and in InProcess."""

    def __init__(self, fit: Fit) -> None:
        self.fit = fit
        self.epochs: Iterator[Any] | None = None
        self.get_state: Callable[[], dict[str, Any]] | None = None

    def begin(self, config: TrialConfig, state: bytes | None) -> None:
        self.drop()
        torch.manual_seed(config.seed)
        self.epochs = self.fit(config, parse_state(state) if state else None)

    def next(self) -> Report:
        if self.epochs is None:
            raise RuntimeError("next before begin")
        epoch = next(self.epochs)
        self.get_state = epoch.state
        return Report(epoch.metrics, epoch.ended)

    def save(self) -> bytes:
        if self.get_state is None:
            raise RuntimeError("save before the first epoch")
        return dump_state(self.get_state())

    def drop(self) -> None:
        """Forgets the trial at hand; nothing of it may reach the next one."""
        close = getattr(self.epochs, "close", None)
        if close is not None:
            close()
        self.epochs = self.get_state = None


class InProcess(FitRunner):
    """The trial's own process (`workers: 0`)."""

    def begin(self, config: TrialConfig, state: bytes | None) -> None:
        with self._failing_as_fit():
            super().begin(config, state)

    def next(self) -> Report:
        with self._failing_as_fit():
            return super().next()

    def alive(self) -> bool:
        return True

    def reconnect(self) -> None:
        """There is nobody else to lose."""

    def stop(self) -> None:
        self.drop()

    @contextmanager
    def _failing_as_fit(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self.drop()
            raise FitError(traceback.format_exc()) from error


def serve_commands(mailbox: Any, fit: Fit, rank: int, world_size: int, attempt: str) -> None:
    """A rank's whole life: takes commands until told to leave."""
    runner = FitRunner(fit)
    number = ray.get(mailbox.join.remote(attempt, rank, world_size))
    while True:
        command = ray.get(mailbox.next_command.remote(attempt, number))
        if command is None:
            continue
        number = command.number
        if command.name == "crash":
            raise RuntimeError(f"rank {rank}: its group is out of step: {command.argument}")
        reply = Reply(Outcome.OK) if command.name == "exit" else _carry_out(runner, command, rank)
        ray.get(mailbox.reply.remote(attempt, rank, number, reply))
        if command.name == "exit":
            return


def _carry_out(runner: FitRunner, command: Command, rank: int) -> Reply:
    try:
        if command.name == "begin":
            runner.begin(*command.argument)
            return Reply(Outcome.OK)
        if command.name == "next":
            return Reply(Outcome.OK, runner.next())
        return Reply(Outcome.OK, runner.save() if rank == 0 else None)
    except Exception:
        runner.drop()
        return Reply(Outcome.ERROR, traceback.format_exc())


def _train_loop(config: dict[str, Any]) -> None:
    """What Ray Train runs in each worker."""
    from ray.train import get_context
    from ray.train.collective import broadcast_from_rank_zero

    context = get_context()
    attempt = broadcast_from_rank_zero(uuid.uuid4().hex)
    serve_commands(config["mailbox"], config["fit"], context.get_world_rank(), context.get_world_size(), attempt)


class WorkerGroup:
    """One long Ray Train run: `workers` ranks (DDP from two on) that serve trial after trial."""

    def __init__(self, fit: Fit, workers: int, storage_path: str, max_failures: int = -1, gpus: int = 0) -> None:
        self.mailbox = ray.remote(Mailbox).options(num_cpus=0, max_concurrency=64).remote()
        self.failure: BaseException | None = None
        self.trainer = TrialPlacedTorchTrainer(
            _train_loop,
            train_loop_config={"mailbox": self.mailbox, "fit": fit},
            torch_config=OwnAddressTorchConfig(backend="nccl" if gpus else "gloo") if workers > 1 else LoneTorchConfig(),
            scaling_config=ScalingConfig(num_workers=workers, use_gpu=gpus > 0, resources_per_worker=worker_resources(gpus)),
            run_config=RunConfig(
                name=f"workers-{uuid.uuid4().hex[:8]}",
                storage_path=storage_path,
                failure_config=FailureConfig(max_failures=max_failures),
            ),
        )
        self.thread = threading.Thread(target=self._run, name="ray-train", daemon=True)
        self.thread.start()
        self.attempt = self._wait_for_group()

    def begin(self, config: TrialConfig, state: bytes | None) -> None:
        self._ask("begin", (config, state))

    def next(self) -> Report:
        report: Report = self._ask("next")
        return report

    def save(self) -> bytes:
        state: bytes = self._ask("save")
        return state

    def reconnect(self) -> None:
        """After WorkersLost: waits for the group that Ray Train starts in its place."""
        self.attempt = self._wait_for_group()

    def alive(self) -> bool:
        return self.thread.is_alive()

    def stop(self) -> None:
        if self.alive():
            ray.wait([self.mailbox.ask.remote(self.attempt, "exit")], timeout=3)
            self.thread.join(10)
        ray.kill(self.mailbox)

    def _run(self) -> None:
        reason = "finished"
        try:
            self.trainer.fit()
        except BaseException as error:
            self.failure, reason = error, repr(error)
        try:
            ray.get(self.mailbox.close.remote(reason))
        except Exception:
            return  # the trial is being torn down, and its mailbox with it

    def _wait_for_group(self) -> str:
        attempt = self._get(self.mailbox.wait_for_group.remote())
        if attempt is None:
            raise FitError(f"WorkersLost: the Ray Train workers could not be kept running ({self.failure})") from self.failure
        return str(attempt)

    def _ask(self, name: str, argument: Any = None) -> Any:
        reply: Reply = self._get(self.mailbox.ask.remote(self.attempt, name, argument))
        if reply.outcome is Outcome.LOST:
            raise WorkersLost(reply.value)
        if reply.outcome is Outcome.ERROR:
            raise FitError(reply.value)
        return reply.value

    def _get(self, ref: Any) -> Any:
        while not ray.wait([ref], timeout=1)[0]:
            if not self.alive():
                raise FitError(f"WorkersLost: the Ray Train workers could not be kept running ({self.failure})") from self.failure
        return ray.get(ref)
