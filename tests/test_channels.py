import numpy as np
import pytest

from trainables.effects.channels import through

MONO = np.array([[1.0, 2.0]], np.float32)
STEREO = np.array([[1.0, 2.0], [3.0, 6.0]], np.float32)


def seen(inputs, outputs, dry):
    """What a plugin of this layout is given, and the result, if its outputs are its first input times 1, 2, 3."""
    given = []

    def run(audio):
        given.append(audio.tolist())
        assert audio.shape[0] == inputs
        return np.concatenate([audio[:1] * (output + 1) for output in range(outputs)])

    wet = through(run, dry, inputs, outputs)
    assert wet.shape == dry.shape and wet.dtype == np.float32
    return given, wet.tolist()


def test_stereo_through_stereo_is_left_as_it_is():
    assert seen(2, 2, STEREO) == ([STEREO.tolist()], [[1, 2], [2, 4]])


def test_mono_through_mono_is_left_as_it_is():
    assert seen(1, 1, MONO) == ([MONO.tolist()], MONO.tolist())


def test_stereo_through_mono_is_each_channel_alone():
    assert seen(1, 1, STEREO) == ([[[1, 2]], [[3, 6]]], STEREO.tolist())


def test_mono_through_stereo_goes_to_both_inputs_and_is_the_mean_of_both_outputs():
    assert seen(2, 2, MONO) == ([[[1, 2], [1, 2]]], [[1.5, 3]])


def test_one_input_is_given_the_mean():
    assert seen(1, 2, STEREO) == ([[[2, 4]]], [[2, 4], [4, 8]])


def test_one_output_is_given_to_both_channels():
    assert seen(2, 1, STEREO) == ([STEREO.tolist()], [[1, 2], [1, 2]])


@pytest.mark.parametrize("dry", [MONO, STEREO])
def test_further_inputs_are_silent_and_further_outputs_dropped(dry):
    [given], wet = seen(4, 3, dry)
    assert given[2:] == [[0, 0], [0, 0]]
    assert wet == ([[1.5, 3]] if dry is MONO else [[1, 2], [2, 4]])
