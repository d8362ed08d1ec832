"""`verify results` after a real run: whatever was done to a store since then is named, and nothing else."""

import json
import shutil

import pytest

from emergent_dynamics.store.__main__ import main

TRAJECTORY = "causal/ring/trajectory.zarr"


def flip(results):
    chunk = next(path for path in sorted((results / TRAJECTORY / "x" / "c").rglob("*")) if path.is_file())
    content = bytearray(chunk.read_bytes())
    content[len(content) // 2] ^= 1
    chunk.write_bytes(bytes(content))
    return {TRAJECTORY: "is damaged (crc32c)"}


def delete(results):
    next(
        path for path in (results / "causal/ring/analysis/groups.zarr/label/c").rglob("*") if path.is_file()
    ).unlink()
    return {"causal/ring/analysis/groups.zarr": "is missing"}


def edit(results):
    path = results / TRAJECTORY / "zarr.json"
    node = json.loads(path.read_text())
    node["attributes"]["parameters"] = node["attributes"]["parameters"].replace(
        '"beta": 49.0', '"beta": 50.0'
    )
    path.write_text(json.dumps(node))
    return {TRAJECTORY: "its metadata differ"}


def swap(results):
    one, other = (results / f"causal/scan/beta={beta}/trajectory.zarr" for beta in (9, 25))
    one.rename(results / "aside")
    other.rename(one)
    (results / "aside").rename(other)
    return {
        "causal/scan/beta=9/trajectory.zarr": "holds results of causal/scan/beta=25",
        "causal/scan/beta=25/trajectory.zarr": "holds results of causal/scan/beta=9",
    }


@pytest.mark.parametrize("damage", [lambda _: {}, flip, delete, edit, swap])
def test_one_command_names_every_store_that_is_not_what_was_published(finished, tmp_path, capsys, damage):
    """A byte, a chunk, a parameter, two members of a sweep: each on a copy of a finished run."""
    results = tmp_path / "results"
    shutil.copytree(finished.path("results"), results, ignore=shutil.ignore_patterns(".checkpoints"))
    wanted = damage(results)
    assert main(["verify", str(results)]) == bool(wanted)
    *lines, last = capsys.readouterr().out.splitlines()
    assert last == f"{len(lines)} stores, {len(wanted)} damaged" and len(lines) > 6
    damaged = [line for line in lines if not line.endswith(": intact")]
    assert len(damaged) == len(wanted)
    for path, words in wanted.items():
        assert any(line.startswith(f"{results / path}: ") and words in line for line in damaged), damaged
