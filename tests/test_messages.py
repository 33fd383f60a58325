import os
import time

import numpy as np
import pytest
from signals import noise

from trainables.effects.isolation.messages import Message, receive, send


@pytest.fixture
def pipe():
    ends = os.pipe()
    for end in ends:
        os.set_blocking(end, False)
    yield ends
    for end in ends:
        os.close(end)


def soon():
    return time.monotonic() + 0.05


@pytest.mark.parametrize("audio", [noise(1, 1), noise(2, 500), noise(2, 500)[:, ::3], noise(2, 500)[::-1]])
def test_numbers_and_samples_arrive_as_they_were(pipe, audio):
    send(pipe[1], Message({"gain": 0.1, "name": "é"}, audio), soon())
    received = receive(pipe[0], soon())
    assert received.head == {"gain": 0.1, "name": "é"}
    assert received.audio.tobytes() == audio.tobytes() and received.audio.shape == audio.shape


def test_a_message_needs_no_audio(pipe):
    send(pipe[1], Message({"load": "this"}), soon())
    assert receive(pipe[0], soon()) == Message({"load": "this"})


def test_nobody_writing_is_a_timeout(pipe):
    with pytest.raises(TimeoutError):
        receive(pipe[0], soon())


def test_half_a_message_is_a_timeout(pipe):
    os.write(pipe[1], b"\x40\x00")
    with pytest.raises(TimeoutError):
        receive(pipe[0], soon())


def test_nobody_reading_is_a_timeout(pipe):
    with pytest.raises(TimeoutError):
        send(pipe[1], Message({}, np.zeros((2, 1 << 20), np.float32)), soon())


def test_no_other_side_is_told():
    reading, writing = os.pipe()
    os.close(writing)
    with pytest.raises(EOFError):
        receive(reading, soon())
    os.close(reading)
    reading, writing = os.pipe()
    os.close(reading)
    with pytest.raises(BrokenPipeError):
        send(writing, Message({}), soon())
    os.close(writing)
