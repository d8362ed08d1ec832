"""A killed job of the atlas leaves nothing half done; the next run has the bytes of one that nobody killed."""

import contextlib
import json
import os
import signal
import subprocess

import psutil
import pytest

from tests.workflow.project import CHECKOUT, SNAKEMAKE, environment, patiently, run

pytestmark = pytest.mark.faults

CONFIG = {
    "experiments": {},
    "atlas": {
        "nca": {"sizes": [{"side": 30, "worlds": 4}], "growth": {"side": 30, "worlds": 4, "twins": 2}},
    },
}
TABLES = ("atlas.csv", "nca/atlas.csv", "nca/atlas.summary.json")


def asked(folder):
    (folder / "config.yaml").write_text(json.dumps(CONFIG))
    options = ["--configfile", folder / "config.yaml", "--directory", folder, "--cores", "1"]
    return [*map(str, options), "results/atlas/atlas.csv"]


def tables(folder):
    return {name: (folder / "results" / "atlas" / name).read_bytes() for name in TABLES}


def job_of(snakemake, folder):
    """The process that computes the table of nca."""
    for _ in patiently():
        assert snakemake.poll() is None, (folder / "said").read_text()
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(snakemake.pid).children(recursive=True):
                started = (folder / "logs" / "atlas" / "nca.log").exists()
                if started and any("atlas_system.py" in word for word in child.cmdline()):
                    return child


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    folder = tmp_path_factory.mktemp("unbroken")
    found = run(*asked(folder), cwd=CHECKOUT)
    assert found.status == 0, found.said
    return tables(folder)


@pytest.mark.parametrize("seconds", [0.0, 1.5])
def test_after_a_kill_the_atlas_has_the_bytes_of_an_unbroken_run(unbroken, tmp_path, seconds):
    """Job and Snakemake die together, after so many CPU seconds of the job; then the same command once more."""
    with (tmp_path / "said").open("ab") as said:
        snakemake = subprocess.Popen(
            [*SNAKEMAKE, *asked(tmp_path)], cwd=CHECKOUT, env=environment(), stdout=said, stderr=said,
            start_new_session=True,
        )  # fmt: skip
        try:
            job = job_of(snakemake, tmp_path)
            begun = job.cpu_times().user
            for _ in patiently():
                if job.cpu_times().user >= begun + seconds:
                    break
            assert job.is_running(), "it ended before it was killed"
        finally:
            os.killpg(snakemake.pid, signal.SIGKILL)
            snakemake.wait()
    assert not (tmp_path / "results" / "atlas" / "nca" / "atlas.csv").exists()
    assert run(*asked(tmp_path), "--unlock", cwd=CHECKOUT).status == 0
    found = run(*asked(tmp_path), cwd=CHECKOUT)
    assert found.status == 0, found.said
    assert tables(tmp_path) == unbroken
