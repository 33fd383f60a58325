"""Posts notes to a webhook from a thread of its own: tried again, never waited for, and the address told to nobody."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

MOST_WAITING = 32  # notes; of more the newest are dropped


@dataclass(frozen=True)
class Patience:
    """How long a post may take, the pauses before it is tried again, and how long the sweep's end waits for the last ones."""

    post_seconds: float = 5.0
    pauses_seconds: tuple[float, ...] = (0.5, 2.0, 5.0)
    end_seconds: float = 6.0


PATIENCE = Patience()


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *given: Any) -> None:
        """A note goes where it was meant to go, or nowhere."""


class Postman:
    """One webhook.

    Args:
        url: of the webhook; a secret.
    """

    def __init__(self, url: str, patience: Patience = PATIENCE) -> None:
        self._url, self._patience = url, patience
        self._waiting: queue.Queue[Mapping[str, Any] | None] = queue.Queue(MOST_WAITING)
        self._opener = build_opener(_NoRedirects)
        self._hurry = threading.Event()
        self._lost: list[str] = []
        self._thread = threading.Thread(target=self._deliver, name="notify", daemon=True)
        self._thread.start()

    def post(self, note: Mapping[str, Any]) -> None:
        """Puts it in the queue; returns at once."""
        try:
            self._waiting.put_nowait(note)
        except queue.Full:
            self._lost.append("too many at once")

    def close(self) -> str:
        """Waits a few seconds for what is left.

        Returns:
            A sentence about what did not arrive; "" if all did.
        """
        end = time.monotonic() + self._patience.end_seconds
        with suppress(queue.Full):
            self._waiting.put(None, timeout=self._patience.end_seconds)
        self._thread.join(max(0.0, end - time.monotonic()))
        self._hurry.set()
        late = ["no answer in time"] if self._thread.is_alive() else []
        lost = [*self._lost, *late]
        return f"{len(lost)} notification{'s' * (len(lost) > 1)} did not arrive: {lost[-1]}." if lost else ""

    def _deliver(self) -> None:
        while (note := self._waiting.get()) is not None and not self._hurry.is_set():
            if why := self._tried(json.dumps(note, allow_nan=False).encode()):
                self._lost.append(why)

    def _tried(self, body: bytes) -> str:
        """Why it did not arrive after all tries, or ""."""
        why = self._posted(body)
        for pause in self._patience.pauses_seconds:
            if not why or self._hurry.wait(pause):
                break
            why = self._posted(body)
        return why

    def _posted(self, body: bytes) -> str:
        """Why it did not arrive, in words that do not tell the address, or ""."""
        try:
            request = Request(self._url, body, {"Content-Type": "application/json"}, method="POST")
            with self._opener.open(request, timeout=self._patience.post_seconds):
                return ""
        except HTTPError as error:
            error.close()
            return f"the webhook answered {error.code}"
        except URLError as error:
            return f"the webhook is out of reach ({type(error.reason).__name__})"
        except (OSError, HTTPException, ValueError) as error:
            return f"the webhook is out of reach ({type(error).__name__})"
