"""Plugins that hang, crash, print and die, in processes of their own; most of them real ones, hindered by signals."""

import json
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_up_hosts import made_up_host
from signals import noise

from trainables.effects.isolation.isolated import Hosted, host_process, introduce, render_isolated, stop
from trainables.effects.lv2.effects import host_lv2
from trainables.errors import InputError, TakeFailed

MDA = "http://drobilla.net/plugins/mda/"
PLUGIN, HOSTED, CONTROLLED = host_lv2(f"{MDA}Delay")
DEFAULTS = {p.name: p.default for p in PLUGIN.parameters}
DRY = noise(2, 9000)


@pytest.fixture(autouse=True)
def nothing_left_behind():
    yield
    stop(HOSTED)


def take(hosted=HOSTED, dry=DRY, **settings):
    return CONTROLLED(hosted)(dry, 44100, DEFAULTS | settings)


def is_running(process_id):
    """Neither gone nor a zombie."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(holds, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    return holds()


def during_takes(name, hosted=HOSTED):
    """The failure of the take during which the host gets a signal; it gets them until it is within a take."""
    take(hosted)
    failed, hit = threading.Event(), []

    def hit_again():
        while not failed.wait(0.03):
            if process_id := host_process(hosted):
                hit.append(process_id)
                with suppress(ProcessLookupError):  # it has just been put away
                    os.kill(process_id, signal.Signals[name])

    thread = threading.Thread(target=hit_again)
    thread.start()
    with pytest.raises(TakeFailed) as failure:
        while True:
            take(hosted)
    failed.set()
    thread.join()
    assert not is_running(hit[-1])
    return failure.value


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV", "SIGABRT", "SIGFPE"])
def test_a_crash_costs_one_take_and_tells_the_plugin_and_the_signal(name):
    before = take()
    failure = during_takes(name)
    assert failure.kind == "crashed" and f"lv2:{MDA}Delay crashed with signal {name}" in failure.detail
    assert np.array_equal(take(), before)


def test_a_plugin_that_hangs_costs_one_take_and_is_killed():
    hosted = replace(HOSTED, take_seconds=0.5)
    before = take(hosted)
    failure = during_takes("SIGSTOP", hosted)
    assert failure.kind == "hung" and f"lv2:{MDA}Delay hung for" in failure.detail
    assert np.array_equal(take(replace(hosted, take_seconds=20.0)), before)
    stop(hosted)


def test_what_ended_while_nobody_asked_costs_no_take():
    before = take()
    os.kill(host_process(HOSTED), signal.SIGKILL)
    assert eventually(lambda: host_process(HOSTED) is None)
    assert np.array_equal(take(), before)


def test_a_host_is_kept_from_take_to_take():
    take()
    first = host_process(HOSTED)
    take()
    assert host_process(HOSTED) == first is not None


def test_a_process_that_ends_by_itself_is_told_by_its_status():
    ending = 'send(1, Message({"introduction": {}})); receive(0); os._exit(7)'
    hosted = Hosted("ending", "{}", command=made_up_host(ending))
    introduce(hosted)
    with pytest.raises(TakeFailed, match="stopped: ending stopped with exit status 7"):
        render_isolated(hosted, DRY, 44100, {}, 8192)
    stop(hosted)


def test_what_a_plugin_printed_last_is_told_with_its_failure():
    talkative = """
        send(1, Message({"introduction": {}})); receive(0)
        for number in range(100_000): print("samplerate mismatch", number, file=sys.stderr)
        os.abort()
        """
    hosted = Hosted("talkative", "{}", command=made_up_host(talkative))
    introduce(hosted)
    with pytest.raises(TakeFailed, match="SIGABRT; the last that it printed: 'samplerate mismatch 99999'"):
        render_isolated(hosted, DRY, 44100, {}, 8192)
    stop(hosted)


def test_a_plugin_that_hangs_while_it_is_loaded_is_refused():
    hosted = Hosted("vst3:/some/where.vst3", "{}", load_seconds=0.5, command=made_up_host("time.sleep(60)"))
    with pytest.raises(InputError, match=r"^vst3:/some/where\.vst3: cannot be loaded: hung for 0\.5 s"):
        introduce(hosted)
    assert host_process(hosted) is None


def test_a_plugin_that_crashes_while_it_is_loaded_is_refused():
    hosted = Hosted("crashing", "{}", command=made_up_host("os.abort()"))
    with pytest.raises(InputError, match="crashing: cannot be loaded: crashed with signal SIGABRT"):
        introduce(hosted)


def test_what_the_host_refuses_and_where_it_fails_is_told_and_costs_no_process():
    answers = """
        send(1, Message({"introduction": {}})); receive(0)
        send(1, Message({"refused": ["8000 Hz", "is too slow.", "Resample."]})); receive(0)
        send(1, Message({"failed": "OSError: out of order"})); receive(0)
        """
    hosted = Hosted("picky", "{}", command=made_up_host(answers))
    introduce(hosted)
    with pytest.raises(InputError, match=r"^8000 Hz: is too slow\. Resample\.$"):
        render_isolated(hosted, DRY, 8000, {}, 8192)
    with pytest.raises(TakeFailed, match="failed: picky failed: OSError: out of order"):
        render_isolated(hosted, DRY, 44100, {}, 8192)
    assert host_process(hosted) is not None
    stop(hosted)


def test_a_process_of_takes_is_a_value_that_any_process_can_use():
    before = take()
    process = pickle.loads(pickle.dumps(CONTROLLED(HOSTED)))
    assert process == CONTROLLED(HOSTED)
    assert np.array_equal(process(DRY, 44100, DEFAULTS), before)


def test_two_threads_get_their_own_takes():
    clips = [noise(2, 3000, seed=seed) for seed in range(12)]
    alone = [take(dry=clip) for clip in clips]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda clip: take(dry=clip), clips))
    assert all(map(np.array_equal, alone, together))


def test_a_host_outlives_the_thread_that_asked_first():
    thread = threading.Thread(target=take)
    thread.start()
    thread.join()
    first = host_process(HOSTED)
    time.sleep(0.1)
    take()
    assert host_process(HOSTED) == first


def test_a_forked_process_has_a_host_of_its_own():
    before, here = take(), host_process(HOSTED)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        same = np.array_equal(take(), before) and host_process(HOSTED) != here
        os.write(writing, b"yes" if same else b"no")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 3) == b"yes"
    os.close(reading)
    os.close(writing)
    assert np.array_equal(take(), before) and host_process(HOSTED) == here


@pytest.mark.parametrize("state", ["idle", "stuck"])
def test_a_host_dies_with_its_parent_even_if_it_is_stuck(state):
    code = """
        import time, test_isolated as t
        t.take(); print(t.host_process(t.HOSTED), flush=True); time.sleep(60)
        """
    path = os.pathsep.join(["tests", *sys.path])
    command = [sys.executable, "-c", textwrap.dedent(code)]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": path})
    host = int(parent.stdout.readline())
    if state == "stuck":
        os.kill(host, signal.SIGSTOP)
    parent.kill()
    parent.communicate()
    assert eventually(lambda: not is_running(host))


def test_the_caller_s_own_flushing_of_denormals_changes_no_byte():
    from trainables.rendering.denormals import flushed_denormals

    fading = DRY * np.float32(1e-37)
    plain = take(dry=fading, feedback=1.0)
    with flushed_denormals():
        assert np.array_equal(take(dry=fading, feedback=1.0), plain)
    assert not (np.abs(plain[plain != 0]) < np.finfo(np.float32).tiny).any()


def test_memory_that_a_plugin_reads_unwritten_is_zero():
    """mda's Delay never writes the last word of its buffer, and reads it when the delay is longest."""
    silence = np.zeros((2, 40000), np.float32)
    for _ in range(3):
        take(dry=noise(2, 40000, level=0.9), feedback=1.0)
        assert not take(dry=silence, l_delay=1.0, r_delay=1.0, feedback=1.0, fx_mix=1.0).any()


def test_a_library_that_is_no_plugin_is_refused(tmp_path):
    specification = json.loads(HOSTED.specification) | {"library": str(tmp_path / "gone.so")}
    with pytest.raises(InputError, match=r"cannot be loaded: failed: OSError: .*gone\.so"):
        introduce(Hosted("lv2:gone", json.dumps(specification)))
