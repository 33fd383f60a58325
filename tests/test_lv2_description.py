import json
import shutil

import pytest
from made_up_lv2 import AUDIO_IN, AUDIO_OUT, bundle, control

from trainables.effects.lv2.bundles import find_bundle, installed_uris
from trainables.effects.lv2.description import describe, why_not_hosted
from trainables.effects.lv2.effects import host_lv2, installed_lv2, load_lv2, ports_of
from trainables.errors import InputError

MDA = "http://drobilla.net/plugins/mda/"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("LV2_PATH", str(tmp_path))
    return tmp_path


def reason(*ports, folder, **others):
    bundle(folder, *ports, **others)
    return why_not_hosted(describe("urn:mine:one"))


def test_a_plugin_is_found_by_its_uri_with_title_library_and_texts():
    plugin = describe(f"{MDA}Delay")
    assert (plugin.title, plugin.library.name, plugin.bundle.name) == ("MDA Delay", "Delay.so", "mda.lv2")
    assert [path.name for path in plugin.texts] == ["manifest.ttl", "Delay.ttl"]
    assert [port.symbol for port in plugin.ports[:3]] == ["l_delay", "r_delay", "feedback"]


def test_a_plugin_that_is_not_installed_is_refused_with_the_nearest_that_are():
    with pytest.raises(InputError, match=r"mda/Delai': is not installed in .*Nearest of those that are: \S*mda/Delay"):
        describe(f"{MDA}Delai")


def test_without_any_plugin_that_is_what_is_said(folder):
    with pytest.raises(InputError, match="No LV2 plugin is installed at all"):
        describe("urn:mine:one")


def test_the_first_folder_of_the_search_path_wins(tmp_path, monkeypatch):
    for name in ("first", "second"):
        bundle(tmp_path / name, AUDIO_IN, AUDIO_OUT)
    monkeypatch.setenv("LV2_PATH", f"{tmp_path / 'none'}:{tmp_path / 'first'}:{tmp_path / 'second'}")
    assert find_bundle("urn:mine:one")[0].parent.name == "first"


def test_a_bundle_that_cannot_be_read_hides_no_other(folder):
    bundle(folder, AUDIO_IN, AUDIO_OUT)
    (folder / "broken.lv2").mkdir()
    (folder / "broken.lv2" / "manifest.ttl").write_text("this is no Turtle <")
    assert installed_uris() == ("urn:mine:one",)


def test_a_broken_file_of_the_plugin_meant_is_refused_by_its_path(folder):
    (bundle(folder, AUDIO_IN, AUDIO_OUT) / "one.ttl").write_text("no Turtle <")
    with pytest.raises(InputError, match=r"one\.ttl: cannot be read"):
        describe("urn:mine:one")


def test_a_library_that_is_missing_is_refused(folder):
    (bundle(folder, AUDIO_IN, AUDIO_OUT) / "one.so").unlink()
    with pytest.raises(InputError, match="names no library that is there"):
        describe("urn:mine:one")


def test_a_port_without_a_number_is_refused(folder):
    bundle(folder, more=f"<urn:mine:one> lv2:port [ {AUDIO_IN} ] .")
    with pytest.raises(InputError, match="has a port without a number"):
        describe("urn:mine:one")


def test_an_instrument_is_refused_as_one():
    with pytest.raises(InputError, match=r"mda/Piano': has no audio input: it is an instrument"):
        load_lv2(f"{MDA}Piano")


def test_what_has_no_output_is_refused(folder):
    assert "has no audio output" in reason(AUDIO_IN, folder=folder)


def test_required_features_that_are_not_offered_are_named(folder):
    required = (
        "<urn:mine:one> lv2:requiredFeature <http://lv2plug.in/ns/ext/worker#schedule>, <http://lv2plug.in/ns/ext/urid#map> ."
    )
    found = reason(AUDIO_IN, AUDIO_OUT, folder=folder, more=required)
    assert found == "needs what this host does not offer: http://lv2plug.in/ns/ext/worker#schedule."


def test_optional_features_stand_in_nobody_s_way(folder):
    optional = "<urn:mine:one> lv2:optionalFeature <http://lv2plug.in/ns/ext/worker#schedule> ."
    assert reason(AUDIO_IN, AUDIO_OUT, folder=folder, more=optional) == ""


def test_a_port_of_an_unknown_kind_is_refused_unless_it_may_be_left_alone(folder):
    strange = 'a lv2:InputPort, mine:GravityPort ; lv2:symbol "gravity"'
    assert reason(AUDIO_IN, AUDIO_OUT, strange, folder=folder) == "has ports that are neither audio nor control: gravity."
    assert reason(AUDIO_IN, AUDIO_OUT, f"{strange} ; lv2:portProperty lv2:connectionOptional", folder=folder) == ""
    assert ports_of(describe("urn:mine:one").ports).unconnected == (2,)


def test_ports_are_sorted_by_what_they_are_connected_to(folder):
    group = "lv2:portProperty lv2:isSideChain"
    ports = (
        AUDIO_IN,
        f'{AUDIO_IN}, "key" ; {group}',
        AUDIO_IN,
        AUDIO_IN,
        AUDIO_OUT,
        AUDIO_OUT,
        AUDIO_OUT,
        control("drive"),
        'a lv2:OutputPort, lv2:ControlPort ; lv2:symbol "latency" ; lv2:portProperty lv2:reportsLatency',
        'a lv2:InputPort, lv2:CVPort ; lv2:symbol "cv"',
        'a lv2:InputPort, atom:AtomPort ; lv2:symbol "notes"',
        'a lv2:OutputPort, atom:AtomPort ; lv2:symbol "notify"',
    )
    assert reason(*ports, folder=folder) == ""
    found = ports_of(describe("urn:mine:one").ports)
    assert (found.inputs, found.silent, found.outputs, found.unheard) == ((0, 2), (1, 3, 9), (4, 5), (6,))
    assert (found.controls, found.meters, found.events_in, found.events_out) == ((7,), (8,), (10,), (11,))


def test_the_build_changes_with_the_library_and_with_the_texts(folder):
    place = bundle(folder, AUDIO_IN, AUDIO_OUT)
    builds = [describe("urn:mine:one").build()]
    for name in ("one.so", "one.ttl"):
        with (place / name).open("a") as file:
            file.write("\n")
        builds.append(describe("urn:mine:one").build())
    assert len(set(builds)) == 3


def test_all_installed_plugins_are_listed_with_what_stands_in_their_way():
    listed = {uri: why for uri, _, why in installed_lv2()}
    assert listed[f"{MDA}Delay"] == "" and "instrument" in listed[f"{MDA}JX10"]
    assert sum(why == "" for uri, why in listed.items() if uri.startswith(MDA)) == 32


def test_where_a_plugin_is_installed_is_no_part_of_what_it_is(tmp_path, monkeypatch):
    first, hosted, _ = host_lv2(f"{MDA}Delay")
    shutil.copytree(find_bundle(f"{MDA}Delay")[0], tmp_path / "elsewhere.lv2")
    monkeypatch.setenv("LV2_PATH", str(tmp_path))
    second, hosted_there, _ = host_lv2(f"{MDA}Delay")
    assert first == second
    assert json.loads(hosted.specification)["library"] != json.loads(hosted_there.specification)["library"]
