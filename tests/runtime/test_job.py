"""Around a job: its log, one-line errors, and a check that the imported library is this workflow's."""

import gc
import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from emergent_dynamics.runtime import job, peak, provenance
from emergent_dynamics import store
from emergent_dynamics.driver import Interrupted, Locked
from emergent_dynamics.plotting.film import write_film
from emergent_dynamics.store import Variable


@pytest.fixture
def snakemake(tmp_path):
    """What Snakemake gives to a script, as far as `job` reads it."""
    return SimpleNamespace(
        log=[str(tmp_path / "logs" / "toy.log")],
        scriptdir=str(job.LIBRARY.parent),
        resources={"mem_mb": 700},
        rule="toy_rule",
        input=[],
    )


def log(snakemake):
    with open(snakemake.log[0]) as file:  # noqa: PTH123
        return file.read()


def ended(snakemake, error):
    """The status of a job in which the error came up."""
    with pytest.raises(SystemExit) as caught, job.logged(snakemake):
        raise error
    return caught.value.code


def test_a_log_begins_with_the_rule_and_the_versions(snakemake):
    """One line of JSON; what the job says on standard error follows."""
    with job.logged(snakemake):
        print("half way", file=sys.stderr)
    first, second, _ = log(snakemake).splitlines()
    found = json.loads(first)
    assert found["rule"] == "toy_rule" and found["software"]["numpy"] == np.__version__
    assert second == "half way"


def test_standard_error_is_the_terminal_again_after_the_job(snakemake):
    """Whatever happens inside."""
    before = sys.stderr
    with job.logged(snakemake):
        assert sys.stderr is not before
    ended(snakemake, ValueError("wrong"))
    assert sys.stderr is before


def test_a_slurm_job_is_named_in_the_log(snakemake, monkeypatch):
    """So that a log leads to sacct."""
    monkeypatch.setenv("SLURM_JOB_ID", "4711")
    with job.logged(snakemake):
        pass
    assert json.loads(log(snakemake).splitlines()[0])["SLURM_JOB_ID"] == "4711"


def test_a_log_ends_with_what_the_job_took_beside_what_it_asked_for(snakemake):
    """Memory that was held and given back counts."""
    with job.logged(snakemake):
        del_me = np.ones(200 * 2**17)
        seen = del_me.nbytes / 2**20
        del del_me
    took = json.loads(log(snakemake).splitlines()[-1])
    assert took["mem_mb"] == 700
    assert took["peak_mb"] > seen == 200
    assert took["cpu_s"] > 0


def test_an_encoder_is_not_charged_with_what_its_parent_held(tmp_path, monkeypatch):
    """Linux counts the parent's memory in a child's maxrss; ffmpeg itself takes 70 MiB."""
    monkeypatch.setattr(peak, "_recorded", [])
    held = np.ones(200 * 2**17)
    write_film([np.zeros((256, 256, 3), np.uint8)] * 30, tmp_path / "a.mp4", 10)
    assert 10 < peak.of_children() < held.nbytes / 2**20


def test_garbage_is_collected_as_usual_in_a_job_and_not_at_its_end(snakemake):
    """What the job leaves behind is frozen, so that the end of the process does not go over it."""
    before = gc.get_freeze_count()
    with job.logged(snakemake):
        imported = gc.get_freeze_count()
        made = [[i] for i in range(1000)]
        assert gc.isenabled() and gc.get_threshold()[0] < 10_000
    assert imported > before and gc.get_freeze_count() >= imported + len(made)
    gc.unfreeze()


@pytest.mark.parametrize(
    "error", [ValueError("frames of x\n  differ"), FileNotFoundError(2, "not there", "a.npy")]
)
def test_what_a_user_can_mend_is_one_line_on_the_terminal(snakemake, capsys, error):
    """Status 1; the line is the log's last, after the traceback."""
    assert ended(snakemake, error) == 1
    line = " ".join(str(error).split())
    assert capsys.readouterr().err == line + "\n"
    assert log(snakemake).splitlines()[-1] == line and "Traceback" in log(snakemake)


@pytest.mark.parametrize(
    "error", [Interrupted("a: stopped at 7; run again"), Locked("a: is being written by process 5")]
)
def test_what_a_second_try_mends_ends_with_status_75(snakemake, capsys, error):
    """sysexits.h: EX_TEMPFAIL; no traceback anywhere."""
    assert ended(snakemake, error) == 75
    assert capsys.readouterr().err == f"{error}\n" and "Traceback" not in log(snakemake)


def test_a_bug_keeps_its_traceback(snakemake):
    """It is not dressed up as a user's mistake."""
    with pytest.raises(KeyError), job.logged(snakemake):
        {}["nothing"]


@pytest.fixture
def damaged(tmp_path):
    """A published store with a flipped byte."""
    path = tmp_path / "a.zarr"
    with store.writing(path, {"x": Variable(("time",), (4,), "float64", "x", "1")}, "time", 4, {}) as stream:
        stream.append({"x": np.arange(4.0)})
    file = path / "x" / "c" / "0"
    content = bytearray(file.read_bytes())
    content[-3] ^= 1
    file.write_bytes(bytes(content))
    return path


@pytest.mark.parametrize("error", [ValueError("crc"), RuntimeError("blosc"), KeyError("consequence")])
def test_any_failure_on_a_damaged_input_names_the_damage(snakemake, capsys, damaged, error):
    """Whatever it looked like from inside: array, chunk and remedy."""
    snakemake.input = ["table.csv", str(damaged)]
    assert ended(snakemake, error) == 1
    assert (
        capsys.readouterr().err
        == f"{damaged}: x, chunk (0) is damaged (crc32c); delete {damaged} and run again\n"
    )


def test_a_library_outside_the_workflow_is_refused(snakemake, capsys, tmp_path):
    """Its hash is not the one on record; nothing runs."""
    snakemake.scriptdir = str(tmp_path)
    with pytest.raises(SystemExit) as caught, job.logged(snakemake):
        pytest.fail("the job ran")
    assert caught.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith(
        f"{job.LIBRARY}: this emergent_dynamics is not the one of the workflow in {tmp_path}"
    )


def test_equal_parameters_have_one_text_and_one_fingerprint():
    """The order of keys does not matter; parameters and code do."""
    one, other = {"a": 1, "b": [2.5, None]}, {"b": [2.5, None], "a": 1}
    assert provenance.canonical(one) == provenance.canonical(other) == '{"a": 1, "b": [2.5, null]}'
    assert provenance.fingerprint(one, "c") == provenance.fingerprint(other, "c")
    assert len({provenance.fingerprint(p, c) for p in (one, {"a": 2}) for c in "cd"}) == 4


def test_a_fingerprint_knows_the_packages_that_compute(monkeypatch):
    """A checkpoint of another NumPy is not continued: its numbers might differ in the last bit."""
    before = provenance.fingerprint({}, "c")
    monkeypatch.setattr(provenance, "software", lambda: {"numpy": "0", "snakemake": "0"})
    changed = provenance.fingerprint({}, "c")
    monkeypatch.setattr(provenance, "software", lambda: {"numpy": "0", "snakemake": "1"})
    assert changed != before and provenance.fingerprint({}, "c") == changed


def test_what_is_no_json_cannot_be_a_parameter():
    """NaN would be written as something no other reader knows."""
    with pytest.raises(ValueError):
        provenance.canonical({"a": float("nan")})


def test_seeds_beyond_what_json_readers_keep_are_text():
    """2^64 - 1 comes back to the digit."""
    found = provenance.attributes("toy", "walk", {"seed": 2**64 - 1}, "c")
    assert found["seed"] == "18446744073709551615"
    assert found["parameters_sha256"] == provenance.sha256({"seed": 2**64 - 1})
