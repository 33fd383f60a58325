"""A job's log as it comes, over links that may be cut: whoever reads again begins at its start, and is told nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from tune.service.job_log import for_people

ASK_SECONDS = 20.0  # of silence, after which the job server is asked whether it is still there; drivers print more often
SILENT_SECONDS = 300.0  # after which the log is read again: a link that was cut without a word looks the same


class LogPrinter:
    """Prints whole lines for people, each once."""

    def __init__(self) -> None:
        self.printed = 0  # characters of the log that have been taken
        self.position = 0  # in the log, of whoever reads it now
        self.rest = ""  # of a line that has not ended

    def restart(self) -> None:
        """The log is read from its start again."""
        self.position = 0

    def take(self, chunk: str) -> None:
        fresh = chunk[max(0, self.printed - self.position) :]
        self.position += len(chunk)
        self.printed = max(self.printed, self.position)
        *lines, self.rest = (self.rest + fresh).split("\n")
        _print(lines)

    def close(self) -> None:
        """The log has ended."""
        _print([self.rest] if self.rest else [])
        self.rest = ""


async def read_log(
    chunks: AsyncIterator[str], take: Callable[[str], None], ended: Callable[[], bool], ask_seconds: float = ASK_SECONDS
) -> None:
    """Hands on what comes, until the log or its job has ended.

    Args:
        ended: asks the job server; raises InfrastructureLost if that does not answer.

    Raises:
        TimeoutError: nothing came for five minutes.
    """
    while (chunk := await _next(chunks, ended, ask_seconds)) is not None:
        take(chunk)


async def _next(chunks: AsyncIterator[str], ended: Callable[[], bool], ask_seconds: float) -> str | None:
    waiting, silent_seconds = asyncio.ensure_future(_take(chunks)), 0.0
    while not (await asyncio.wait({waiting}, timeout=ask_seconds))[0]:
        silent_seconds += ask_seconds
        if silent_seconds >= SILENT_SECONDS:
            raise TimeoutError(f"no word for {silent_seconds:.0f} s")
        if await asyncio.to_thread(ended):
            return None
    return waiting.result()


async def _take(chunks: AsyncIterator[str]) -> str | None:
    return await anext(chunks, None)


def _print(lines: list[str]) -> None:
    for line in for_people(lines):
        print(line, flush=True)
