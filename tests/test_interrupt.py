from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tune.driver.interrupt import Interrupted, on_interrupt, stoppable
from tune.errors import Stopped

PROGRAM = """
import time
from tune.driver.interrupt import Interrupted, on_interrupt

def first_aid():
    print("first aid", flush=True)

try:
    with on_interrupt(first_aid):
        print("ready", flush=True)
        try:
            time.sleep(60)
        except Exception:
            print("swallowed", flush=True)
except Interrupted as signal_name:
    print(f"interrupted by {signal_name}", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_gives_first_aid_and_then_interrupts(number: signal.Signals) -> None:
    process = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    told, _ = process.communicate(timeout=30)
    assert told.splitlines() == ["first aid", f"interrupted by {number.name}"]
    assert process.returncode == 0


def test_a_second_signal_is_ignored_while_first_aid_is_given() -> None:
    called = []

    def first_aid() -> None:
        called.append("begun")
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
        called.append("done")

    with pytest.raises(Interrupted, match="SIGTERM"), on_interrupt(first_aid):
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()
    assert called == ["begun", "done"]


def test_failing_first_aid_interrupts_all_the_same() -> None:
    def first_aid() -> None:
        raise RuntimeError("the tracking server is gone")

    with pytest.raises(Interrupted, match="SIGINT"), on_interrupt(first_aid):
        os.kill(os.getpid(), signal.SIGINT)
        signal.pause()


def test_handlers_are_as_before_afterwards() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with pytest.raises(Interrupted), on_interrupt(lambda: None):
        os.kill(os.getpid(), signal.SIGINT)
        signal.pause()
    with on_interrupt(lambda: None):
        assert signal.getsignal(signal.SIGTERM) not in before
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_interrupted_is_no_exception_that_a_library_would_swallow() -> None:
    assert not issubclass(Interrupted, Exception)


def test_exception_that_a_signal_turned_into_another_is_an_interrupt() -> None:
    with pytest.raises(Interrupted, match="SIGTERM"), on_interrupt(lambda: None):
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            signal.pause()
        except Interrupted:
            raise SystemError("compiled code") from None


def test_swallowed_interrupt_is_raised_again_when_asked_and_at_the_end() -> None:
    asked = False
    with pytest.raises(Interrupted, match="SIGINT"), on_interrupt(lambda: None) as check:
        check()
        try:
            os.kill(os.getpid(), signal.SIGINT)
            signal.pause()
        except Interrupted:
            pass
        with pytest.raises(Interrupted):
            check()
        asked = True
    assert asked


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_before_the_search_closes_what_is_open_and_is_told_as_a_stop(number: signal.Signals) -> None:
    closed = []
    before = signal.getsignal(number)
    with pytest.raises(Stopped, match=rf"sweep x: stopped by {number.name} before its first trial"), stoppable("x"):
        try:
            os.kill(os.getpid(), number)
            signal.pause()
        except BaseException:
            closed.append("run")
            raise
    assert closed == ["run"] and signal.getsignal(number) is before


def test_a_search_gives_its_own_first_aid_within() -> None:
    called = []
    with stoppable("x"), pytest.raises(Interrupted), on_interrupt(lambda: called.append("first aid")):
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()
    assert called == ["first aid"]
