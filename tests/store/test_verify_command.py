"""`python -m emergent_dynamics.store verify`: one line and an exit status for every store."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import zarr

from emergent_dynamics import store
from emergent_dynamics.store.__main__ import main

SCRIPTS = Path(store.__file__).parents[2]


@pytest.fixture
def path(tmp_path):
    """A published store with one array x(time), 0 ... 99."""
    where = tmp_path / "x.zarr"
    variables = {"x": store.Variable(("time",), (100,), "float64", "position", "1")}
    with store.writing(where, variables, "time", 100, {"system": "toy"}) as stream:
        stream.append({"x": np.arange(100.0)})
    return where


def flip(file):
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def rewrite(file):
    """Another value, with a crc32c that fits it."""
    zarr.open_array(file.parents[1], mode="r+")[50] = -1.0


def test_an_intact_store_passes(path, capsys):
    assert main(["verify", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: intact\n"


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (flip, "x, chunk (0) is damaged (crc32c)"),
        (rewrite, "x differs from its content_sha256"),
        (Path.unlink, "x, chunk (0) is missing"),
        (lambda file: file.write_bytes(b""), "x, chunk (0) is missing"),
        (lambda file: (file.parents[2] / "zarr.json").unlink(), "not a Zarr store (no zarr.json)"),
        (lambda file: (file.parents[2] / "zarr.json").write_text("{"), "metadata cannot be read"),
    ],
    ids=["bit flip", "value", "missing", "truncated", "no metadata", "broken metadata"],
)
def test_damage_is_one_line_that_names_the_place_and_status_1(path, capsys, damage, words):
    damage(path / "x" / "c" / "0")
    assert main(["verify", str(path)]) == 1
    said = capsys.readouterr().out
    assert said.startswith(f"{path}: ")
    assert words in said
    assert said.count("\n") == 1


def test_every_path_gets_its_line_and_one_damaged_store_decides_the_status(path, tmp_path, capsys):
    assert main(["verify", str(tmp_path / "absent.zarr"), str(path)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"{tmp_path / 'absent.zarr'}: not a Zarr store (no zarr.json)",
        f"{path}: intact",
        "2 stores, 1 damaged",
    ]


def test_a_folder_stands_for_every_store_below_it_but_unfinished_ones(path, tmp_path, capsys):
    """`verify results`: also a store that lost its metadata; nothing in .checkpoints; no store at all is no success."""
    shutil.copytree(path, tmp_path / "results" / "toy" / "b.zarr")
    shutil.copytree(path, tmp_path / "results" / ".checkpoints" / "c.zarr")
    (tmp_path / "results" / "toy" / "lost.zarr").mkdir()
    assert main(["verify", str(tmp_path / "results")]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"{tmp_path}/results/toy/b.zarr: intact",
        f"{tmp_path}/results/toy/lost.zarr: not a Zarr store (no zarr.json)",
        "2 stores, 1 damaged",
    ]
    (tmp_path / "empty").mkdir()
    assert main(["verify", str(tmp_path / "empty")]) == 1
    assert capsys.readouterr().out == "0 stores, 0 damaged\n"


def test_a_store_in_the_place_of_another_experiment_is_named_in_a_folder_and_intact_by_itself(
    tmp_path, capsys
):
    """Two members of a sweep changed places: each is sound, and neither is what its path says."""
    variables = {"x": store.Variable(("time",), (3,), "float64", "position", "1")}
    places = {}
    for member in ("scan/beta=9", "scan/beta=16"):
        places[member] = tmp_path / "results" / "toy" / member / "trajectory.zarr"
        attributes = {"system": "toy", "experiment": member}
        with store.writing(places[member], variables, "time", 3, attributes) as stream:
            stream.append({"x": np.arange(3.0)})
    assert main(["verify", str(tmp_path)]) == 0
    one, other = places.values()
    one.rename(tmp_path / "aside")
    other.rename(one)
    (tmp_path / "aside").rename(other)
    capsys.readouterr()
    assert main(["verify", str(tmp_path)]) == 1
    assert sorted(capsys.readouterr().out.splitlines()) == sorted(
        [
            f"{one}: holds results of toy/scan/beta=16; delete {one} and run again",
            f"{other}: holds results of toy/scan/beta=9; delete {other} and run again",
            "2 stores, 2 damaged",
        ]
    )
    assert main(["verify", str(one)]) == 0


def test_every_chunk_is_read_once_and_lines_are_in_order(tmp_path, capsys, monkeypatch):
    """Checksum and digest are one pass, also where runs share a chunk, which the digest needs run by run."""
    variables = {"x": store.Variable(("run", "time"), (6, 40), "float64", "position", "1")}
    for name in "abc":
        with store.writing(tmp_path / f"{name}.zarr", variables, "time", 40, {"system": "toy"}) as stream:
            stream.append({"x": np.arange(240.0).reshape(6, 40)})
    read, get = [], zarr.storage.LocalStore.get

    def counted(self, key, *arguments, **named):
        read.append(f"{self.root}/{key}")
        return get(self, key, *arguments, **named)

    monkeypatch.setattr(zarr.storage.LocalStore, "get", counted)
    assert main(["verify", str(tmp_path)]) == 0
    lines = [f"{tmp_path}/{name}.zarr: intact" for name in "abc"]
    assert capsys.readouterr().out.splitlines() == [*lines, "3 stores, 0 damaged"]
    chunks = [key for key in read if "/c/" in key]
    assert len(chunks) == len(set(chunks)) == 3


def test_it_runs_as_a_module(path):
    command = [sys.executable, "-m", "emergent_dynamics.store", "verify", path]
    found = subprocess.run(command, env={"PYTHONPATH": str(SCRIPTS)}, capture_output=True, text=True)
    assert (found.returncode, found.stdout) == (0, f"{path}: intact\n")
    assert found.stderr == ""
