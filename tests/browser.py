"""A real browser for tests: Chromium without a window, told what to do over a pipe (DevTools protocol)."""

from __future__ import annotations

import base64
import itertools
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = "no Chromium was found, in which the latent map's page is tested: install it, for example `apt-get install chromium`"
ANSWER_SECONDS = 180.0
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--mute-audio",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--autoplay-policy=no-user-gesture-required", "--hide-scrollbars", "--remote-debugging-pipe",
)  # fmt: skip


class Page:
    """One tab. `troubles` are the console's errors and uncaught exceptions so far."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self.to_browser, self.from_browser = to_browser, from_browser
        self.numbers, self.pending, self.troubles = itertools.count(1), b"", list[str]()
        target = self._ask("Target.createTarget", {"url": "about:blank"})["targetId"]
        self.session = self._ask("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._ask(method, parameters, self.session)

    def open(self, path: Path, width: int = 1400, height: int = 900, scheme: str = "light") -> None:
        """Show a file in a window of this size."""
        self.window(width, height, scheme)
        self.ask("Page.navigate", url=path.resolve().as_uri())
        self.until("document.readyState === 'complete' && location.protocol === 'file:'")
        self.until("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")

    def visit(self, address: str) -> None:
        """Show what a server has; the page may go on loading."""
        self.ask("Page.navigate", url="about:blank")  # else another part of the same page would not be loaded anew
        self.until("location.href === 'about:blank'")
        self.ask("Page.navigate", url=address)
        self.until("document.readyState === 'complete' && location.protocol === 'http:'")

    def window(self, width: int, height: int, scheme: str = "light") -> None:
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def value(self, expression: str) -> Any:
        """What an expression gives in the page; promises are awaited."""
        asked = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in asked, asked["exceptionDetails"]
        return asked["result"].get("value")

    def value_in_frame(self, expression: str) -> Any:
        """The same in the page's only frame, which may be a sandbox of another origin."""
        frames = [one for one in self._ask("Target.getTargets", {})["targetInfos"] if one["type"] == "iframe"]
        if not frames:
            return None
        attached = self._ask("Target.attachToTarget", {"targetId": frames[0]["targetId"], "flatten": True})["sessionId"]
        asked = self._ask("Runtime.evaluate", {"expression": expression, "returnByValue": True}, attached)
        self._ask("Target.detachFromTarget", {"sessionId": attached})
        assert "exceptionDetails" not in asked, asked["exceptionDetails"]
        return asked["result"].get("value")

    def until(self, expression: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + ANSWER_SECONDS
        while not self.value(expression):
            assert time.monotonic() < end, f"never true: {expression}"
            time.sleep(0.02)

    def mouse(self, kind: str, x: float, y: float) -> None:
        """`kind`: Moved, Pressed or Released."""
        held = {"button": "left", "buttons": 1, "clickCount": 1} if kind != "Moved" else {}
        self.ask("Input.dispatchMouseEvent", type=f"mouse{kind}", x=x, y=y, **held)

    def click(self, x: float, y: float) -> None:
        for kind in ("Moved", "Pressed", "Released"):
            self.mouse(kind, x, y)

    def key(self, name: str) -> None:
        for kind in ("keyDown", "keyUp"):
            self.ask("Input.dispatchKeyEvent", type=kind, key=name, code=name)

    def screenshot(self, path: Path, whole: bool = False) -> Path:
        shot = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))
        return path

    def _ask(self, method: str, parameters: dict[str, Any], session: str | None = None) -> dict[str, Any]:
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
        os.write(self.to_browser, json.dumps(message).encode() + b"\0")
        while (answer := self._read()).get("id") != number:
            self._note(answer)
        assert "error" not in answer, f"{method}: {answer['error']}"
        result: dict[str, Any] = answer["result"]
        return result

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self.pending:
            assert select.select([self.from_browser], [], [], ANSWER_SECONDS)[0], "the browser does not answer"
            received = os.read(self.from_browser, 1 << 16)
            assert received, "the browser has ended"
            self.pending += received
        message, _, self.pending = self.pending.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer

    def _note(self, event: dict[str, Any]) -> None:
        method, told = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.troubles.append(str(told["exceptionDetails"].get("exception", told).get("description")))
        elif (method == "Runtime.consoleAPICalled" and told["type"] == "error") or (
            method == "Log.entryAdded" and told["entry"]["level"] == "error"
        ):
            self.troubles.append(str(told.get("args") or told["entry"]["text"]))


@contextmanager
def chromium(profile: Path) -> Iterator[Page]:
    """A browser with an empty profile in the folder `profile`, and one tab of it."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    assert program is not None, MISSING
    (their_in, to_browser), (from_browser, their_out) = os.pipe(), os.pipe()
    # The browser reads its descriptor 3 and writes its 4; ours are moved out of the way first.
    line = f'exec "$0" "$@" 3<&{their_in} 4>&{their_out}'
    process = subprocess.Popen(
        ["bash", "-c", line, program, *FLAGS, f"--user-data-dir={profile}"],
        pass_fds=(their_in, their_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(their_in)
    os.close(their_out)
    try:
        yield Page(to_browser, from_browser)
    finally:
        os.close(to_browser)
        os.close(from_browser)
        process.terminate()
        process.wait(30)
