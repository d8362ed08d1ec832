"""A damaged store is found, by array and chunk, whichever codec, and never read as zeros."""

import json

import numpy as np
import pytest
import zarr

from emergent_dynamics import store
from emergent_dynamics.store import layout

FRAMED = ["x", "on", "count"]  # the codecs float, bits and table


def chunk(path, name, number=1):
    """File and index, as text, of one chunk."""
    array = layout.arrays(path)[name]
    index = list(layout.chunk_indices(array))[number]
    return path / name / array.metadata.encode_chunk_key(index), "(" + ", ".join(map(str, index)) + ")"


def test_a_whole_store_has_no_damage(whole):
    """Nothing to say."""
    assert store.find_damage(whole) is None


@pytest.mark.parametrize("name", FRAMED)
@pytest.mark.parametrize("how", ["deleted", "emptied"])
def test_a_missing_chunk_is_found_on_opening(whole, name, how):
    """zarr would read fill values, without a word."""
    file, index = chunk(whole, name)
    file.unlink() if how == "deleted" else file.write_bytes(b"")
    with pytest.raises(store.DamagedStore) as caught:
        store.open_complete(whole)
    assert str(caught.value) == f"{whole}: {name}, chunk {index} is missing; delete {whole} and run again"


@pytest.mark.parametrize("name", FRAMED)
def test_a_truncated_chunk_is_found_on_reading(whole, name):
    """At any length: 1 byte, half, all but one."""
    file, index = chunk(whole, name)
    content = file.read_bytes()
    for length in (1, len(content) // 2, len(content) - 1):
        file.write_bytes(content[:length])
        with pytest.raises((ValueError, RuntimeError)):
            store.open_complete(whole)[name].values  # noqa: B018
        assert f"{name}, chunk {index} is damaged (crc32c)" in store.find_damage(whole)


@pytest.mark.parametrize("name", FRAMED)
def test_every_flipped_bit_is_found_on_reading(whole, name):
    """Without a checksum 55 to 60 of 60 random flips are read as other numbers; with crc32c none is."""
    file, index = chunk(whole, name)
    content = file.read_bytes()
    rng = np.random.default_rng(1)
    for bit in rng.choice(8 * len(content), size=60, replace=len(content) < 8):
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << (bit % 8)
        file.write_bytes(bytes(flipped))
        with pytest.raises((ValueError, RuntimeError)):
            store.open_complete(whole)[name].values  # noqa: B018
    assert f"{name}, chunk {index} is damaged (crc32c)" in store.find_damage(whole)


@pytest.mark.parametrize("name", [*FRAMED, "time", "weight", "record/when", "total"])
def test_every_kind_of_variable_is_checked(whole, name):
    """Coordinates, static, logged and final variables too."""
    file, index = chunk(whole, name, 0)
    file.write_bytes(file.read_bytes()[:-1])
    assert store.find_damage(whole).startswith(f"{whole}: {name}, chunk {index} is damaged")


@pytest.mark.parametrize("where", ["the root", "an array", "what is consolidated", "a scale"])
def test_edited_metadata_are_found_on_opening(whole, where):
    """A parameter, a unit, a length or a scale that somebody changed would be read as if it had been simulated."""
    file = whole / ("x/zarr.json" if where in ("an array", "a scale") else "zarr.json")
    node = json.loads(file.read_text())
    if where == "the root":
        node["attributes"]["seed"] = "2"
    elif where == "an array":
        node["attributes"]["units"] = "m"
    elif where == "a scale":
        node["attributes"]["scale_factor"] = 2.0
    else:
        node["consolidated_metadata"]["metadata"]["x"]["attributes"]["units"] = "m"
    file.write_text(json.dumps(node))
    with pytest.raises(store.DamagedStore, match="its metadata differ from their metadata_sha256; delete"):
        store.open_complete(whole)


def test_other_values_in_a_sound_chunk_are_found_by_the_digest(whole):
    """Somebody wrote into the store: every crc32c holds, content_sha256 does not."""
    array = zarr.open_array(whole / "x", mode="r+")
    array[0, 0, 0] += 1
    assert (
        store.find_damage(whole)
        == f"{whole}: x differs from its content_sha256; delete {whole} and run again"
    )


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b'{"node_type": "array"}'])
@pytest.mark.parametrize("file", ["zarr.json", "x/zarr.json"])
def test_damaged_metadata_is_one_line(whole, file, content):
    """Torn or emptied zarr.json, of the root or of an array."""
    (whole / file).write_bytes(content)
    with pytest.raises(store.DamagedStore) as caught:
        store.open_complete(whole)
    assert str(caught.value).startswith(f"{whole}: ") and "\n" not in str(caught.value)


def test_a_lost_array_is_found(whole):
    """Its directory is gone, the consolidated metadata still speak of it."""
    for file in sorted((whole / "x").rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    (whole / "x").rmdir()
    assert store.find_damage(whole) is not None
    with pytest.raises(store.DamagedStore, match="x"):
        store.open_complete(whole)


def test_an_unfinished_store_is_refused(whole):
    """Only what was published whole says complete."""
    metadata = json.loads((whole / "zarr.json").read_text())
    del metadata["attributes"]["complete"]
    (whole / "zarr.json").write_text(json.dumps(metadata))
    with pytest.raises(store.DamagedStore, match="was never finished"):
        store.open_complete(whole)


def test_what_is_no_store_is_refused(tmp_path):
    """A directory without zarr.json; a path that does not exist."""
    for path in (tmp_path, tmp_path / "none.zarr"):
        with pytest.raises(store.DamagedStore, match=r"not a Zarr store \(no zarr.json\)"):
            store.open_complete(path)


def test_the_timestamp_of_snakemake_is_no_damage(whole):
    """Snakemake leaves a file in every directory output."""
    (whole / ".snakemake_timestamp").touch()
    assert store.find_damage(whole) is None
