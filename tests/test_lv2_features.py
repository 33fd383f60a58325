import ctypes

import numpy as np
from made_up_lv2 import AUDIO_IN, AUDIO_OUT, bundle

from trainables.effects.isolation.isolated import stop
from trainables.effects.lv2.description import describe, why_not_hosted
from trainables.effects.lv2.effects import host_lv2
from trainables.effects.lv2.features import BOUNDED, EVENT_BYTES, OFFERED, OPTIONS, URID_MAP, URID_UNMAP, Events, Features

ATOM = "http://lv2plug.in/ns/ext/atom#"


class Feature(ctypes.Structure):
    _fields_ = (("uri", ctypes.c_char_p), ("data", ctypes.c_void_p))


class Handle(ctypes.Structure):
    _fields_ = (("handle", ctypes.c_void_p), ("function", ctypes.c_void_p))


class Option(ctypes.Structure):
    _fields_ = (*((name, ctypes.c_uint32) for name in ("context", "subject", "key", "size", "type")), ("value", ctypes.c_void_p))


def as_a_plugin_sees(features):
    """The data of each feature by URI, up to the null pointer."""
    pointers = iter(features.array)
    found = [ctypes.cast(pointer, ctypes.POINTER(Feature)).contents for pointer in iter(lambda: next(pointers), None)]
    return {feature.uri.decode(): feature.data for feature in found}


def function(address, result, *arguments):
    handle = ctypes.cast(address, ctypes.POINTER(Handle)).contents
    return ctypes.CFUNCTYPE(result, ctypes.c_void_p, *arguments)(handle.function)


def test_every_feature_that_is_offered_is_there():
    assert set(as_a_plugin_sees(Features(44100, 512))) == set(OFFERED)
    assert as_a_plugin_sees(Features(44100, 512))[BOUNDED] is None


def test_a_uri_has_one_number_and_a_number_its_uri():
    seen = as_a_plugin_sees(features := Features(44100, 512))
    map_uri, unmap = (
        function(seen[URID_MAP], ctypes.c_uint32, ctypes.c_char_p),
        function(seen[URID_UNMAP], ctypes.c_char_p, ctypes.c_uint32),
    )
    numbers = [map_uri(None, uri) for uri in (b"urn:one", b"urn:two", b"urn:one")]
    assert numbers[0] == numbers[2] != numbers[1] and 0 not in numbers
    assert unmap(None, numbers[1]) == b"urn:two" and unmap(None, 9999) is None
    assert features.number("urn:two") == numbers[1]


def test_options_tell_block_lengths_and_the_sample_rate():
    seen = as_a_plugin_sees(features := Features(48000, 512))
    options = ctypes.cast(seen[OPTIONS], ctypes.POINTER(Option))
    told = {}
    for index in range(10):
        if not options[index].key:
            break
        kind = ctypes.c_float if options[index].type == features.number(f"{ATOM}Float") else ctypes.c_int32
        told[options[index].key] = kind.from_address(options[index].value).value
    names = {"buf-size#minBlockLength": 1, "buf-size#maxBlockLength": 512, "buf-size#nominalBlockLength": 512}
    expected = {**names, "parameters#sampleRate": 48000.0, "buf-size#sequenceSize": EVENT_BYTES}
    assert told == {features.number(f"http://lv2plug.in/ns/ext/{name}"): value for name, value in expected.items()}


def test_event_inputs_are_empty_sequences_and_outputs_have_room_before_every_block():
    features = Features(44100, 512)
    events = Events(features, (3,), (5,))
    heads = {port: np.ctypeslib.as_array((ctypes.c_uint32 * 4).from_address(at)) for port, at in events.addresses.items()}
    for _ in range(2):
        events.ready()
        assert heads[3].tolist() == [8, features.number(f"{ATOM}Sequence"), 0, 0]
        assert heads[5].tolist() == [EVENT_BYTES - 8, features.number(f"{ATOM}Chunk"), 0, 0]
        heads[3][:], heads[5][:] = 99, 99


def test_a_plugin_that_demands_options_and_events_is_hosted():
    """ZamDelay asks for options and a map of URIs, and has an event port for the time."""
    assert {URID_MAP, OPTIONS} <= set(describe("urn:zamaudio:ZamDelay").required)
    plugin, hosted, controlled = host_lv2("urn:zamaudio:ZamDelay")
    click = np.zeros((1, 9000), np.float32)
    click[0, 0] = 1.0
    wet = controlled(hosted)(click, 44100, {p.name: p.default for p in plugin.parameters} | {"time": 100.0, "lpf": 20000.0})
    assert abs(int(np.argmax(np.abs(wet[0, 100:]))) + 100 - 4410) <= 3
    stop(hosted)


def test_other_features_are_not_offered(tmp_path, monkeypatch):
    monkeypatch.setenv("LV2_PATH", str(tmp_path))
    bundle(tmp_path, AUDIO_IN, AUDIO_OUT, more="<urn:mine:one> lv2:requiredFeature lv2:isLive .")
    assert why_not_hosted(describe("urn:mine:one")).endswith("lv2core#isLive.")
