"""A checkpoint under another schedule, or of other code: what is kept, continued, put aside, and recorded."""

import json

import pytest

from emergent_dynamics import driver, store
from emergent_dynamics.driver import aside, checkpoint
from emergent_dynamics.store import layout
from tests.driver import toy
from tests.driver.test_loop import digests


class Stop(Exception):
    """The process is gone."""


class Counting(toy.Walk):
    """A walk that knows how many steps it took, and may end without warning."""

    def __init__(self, die_at=None, **kwargs):
        super().__init__(**kwargs)
        self.taken, self.die_at = 0, die_at

    def advance(self, state, start, stop):
        if self.die_at is not None and stop >= self.die_at:
            raise Stop
        self.taken += stop - start
        return super().advance(state, start, stop)


class Plain(Counting):
    """Without a variable that is written at the end."""

    def variables(self):
        return {name: v for name, v in super().variables().items() if v.kind != "final"}

    def finish(self, state):
        return {}


@pytest.fixture(params=["one chunk", "small chunks"])
def chunks(request, monkeypatch):
    """Frames and records in one chunk, or in many with some of them waiting in the state file."""
    if request.param == "small chunks":
        monkeypatch.setattr(layout, "frames_per_block", lambda *_: 2)
        monkeypatch.setattr(layout, "LOG_CHUNK", 8)
        monkeypatch.setattr(driver.extension, "LOG_CHUNK", 8)


def whole(tmp_path, kind=toy.Walk, **kwargs):
    """Digests of one long run."""
    toy.run(tmp_path / "alone", tmp_path / "alone.zarr", simulation=kind(**kwargs), **kwargs)
    return digests(tmp_path / "alone.zarr")


@pytest.mark.usefixtures("chunks")
@pytest.mark.parametrize("divisible", [True, False])
@pytest.mark.parametrize(("first", "second"), [((7, 56), (7, 84)), ((7, 70), (7, 91)), ((5, 20), (5, 60))])
def test_a_longer_horizon_goes_on_and_ends_with_the_bytes_of_one_run(tmp_path, divisible, first, second):
    """Every array equal, logs and final values included, and only the new steps are taken."""
    (save, short), (_, long) = first, second
    toy.run(tmp_path / "work", tmp_path / "a.zarr", save=save, steps=short, divisible=divisible)
    walk = Counting(save=save, steps=long, divisible=divisible)
    toy.run(
        tmp_path / "work", tmp_path / "b.zarr", simulation=walk, save=save, steps=long, divisible=divisible
    )
    assert walk.taken == long - short
    assert digests(tmp_path / "b.zarr") == whole(tmp_path, save=save, steps=long, divisible=divisible)


@pytest.mark.usefixtures("chunks")
def test_a_map_drops_its_last_frame_where_the_longer_schedule_lacks_it_and_a_flow_starts_over(tmp_path):
    """60 is no multiple of 7; an integrator that chooses its steps would have landed elsewhere."""
    for divisible, taken in ((True, 24), (False, 84)):
        work = tmp_path / f"work {divisible}"
        toy.run(work, tmp_path / "a.zarr", steps=60, divisible=divisible)
        walk = Counting(steps=84, divisible=divisible)
        toy.run(work, tmp_path / "b.zarr", simulation=walk, steps=84, divisible=divisible)
        assert walk.taken == taken
        assert digests(tmp_path / "b.zarr") == whole(tmp_path, steps=84)


@pytest.mark.usefixtures("chunks")
@pytest.mark.parametrize("schedule", [(7, 35), (14, 56), (14, 28)])
def test_a_shorter_or_coarser_schedule_is_cut_out_of_what_is_there(tmp_path, schedule):
    """No step is taken; the log ends with the last frame."""
    save, steps = schedule
    toy.run(tmp_path / "work", tmp_path / "a.zarr", simulation=Plain(steps=56), steps=56)
    walk = Plain(save=save, steps=steps)
    toy.run(tmp_path / "work", tmp_path / "b.zarr", simulation=walk, save=save, steps=steps)
    assert walk.taken == 0
    assert digests(tmp_path / "b.zarr") == whole(tmp_path, Plain, save=save, steps=steps)


@pytest.mark.parametrize("schedule", [(7, 35), (3, 84)])
def test_what_cannot_be_cut_out_is_simulated_again_and_said(tmp_path, schedule, capsys):
    """A value written at the end belongs to another end; frames between the saved ones were never there."""
    save, steps = schedule
    toy.run(tmp_path / "work", tmp_path / "a.zarr")
    walk = Counting(save=save, steps=steps)
    toy.run(tmp_path / "work", tmp_path / "b.zarr", simulation=walk, save=save, steps=steps)
    assert walk.taken == steps and "the checkpoint at 60 cannot be continued" in capsys.readouterr().err
    assert digests(tmp_path / "b.zarr") == whole(tmp_path, save=save, steps=steps)


@pytest.mark.usefixtures("chunks")
@pytest.mark.parametrize("moment", ["transfer", "commit", "settle"])
def test_a_run_killed_while_it_takes_over_loses_nothing(tmp_path, monkeypatch, moment):
    """Before, between and after the two renames that change the store."""
    toy.run(tmp_path / "work", tmp_path / "a.zarr", steps=56)

    def die(*_, **__):
        raise Stop

    place = {
        "transfer": (driver.extension, "_copy_log"),
        "commit": (driver.checkpoint, "save"),
        "settle": (driver.extension, "settle"),
    }[moment]
    with monkeypatch.context() as patched, pytest.raises(Stop):
        patched.setattr(*place, die)
        toy.run(tmp_path / "work", tmp_path / "b.zarr", steps=84)
    walk = Counting(steps=84)
    toy.run(tmp_path / "work", tmp_path / "b.zarr", simulation=walk, steps=84)
    assert walk.taken == 28
    assert digests(tmp_path / "b.zarr") == whole(tmp_path, steps=84)
    assert {p.name for p in (tmp_path / "work").iterdir() if p.suffix == ".zarr"} == {"store.zarr"}


def interrupted(tmp_path, code, at=40):
    """A run that ended at step `at` or soon before, with everything committed."""
    with pytest.raises(Stop):
        toy.run(
            tmp_path / "work",
            tmp_path / "a.zarr",
            code=code,
            commit_seconds=0.0,
            simulation=Counting(die_at=at),
        )


def test_a_checkpoint_of_other_code_is_kept_and_named(tmp_path, capsys, monkeypatch):
    """`git pull` costs nobody a run: the new code starts, the old checkpoint waits, one word goes on from it."""
    interrupted(tmp_path, "old")
    toy.run(tmp_path / "work", tmp_path / "b.zarr", code="new")
    said = capsys.readouterr().err
    assert (
        "is of other code, software, engine or device; it is kept in" in said
        and "EMERGENT_DYNAMICS_RESUME=any" in said
    )
    assert "continued" not in store.open_complete(tmp_path / "b.zarr").attrs
    place = tmp_path / "work" / "aside-1"
    owner, saved = checkpoint.load(checkpoint.states(place)[0])
    assert owner.code == "old" and 20 < saved.clock < 40


def test_with_permission_it_goes_on_and_the_store_says_from_what(tmp_path, capsys, monkeypatch):
    """Also after the new code has begun: what stands furthest is continued; without permission it then stays ours."""
    interrupted(tmp_path, "old")
    interrupted(tmp_path, "new", at=9)
    monkeypatch.setenv(aside.RESUME_VARIABLE, "any")
    interrupted(tmp_path, "new", at=50)
    monkeypatch.delenv(aside.RESUME_VARIABLE)
    walk = Counting()
    toy.run(tmp_path / "work", tmp_path / "b.zarr", code="new", simulation=walk)
    assert walk.taken < 20
    continued = json.loads(store.open_complete(tmp_path / "b.zarr").attrs["continued"])
    assert len(continued) == 1 and continued[0].startswith("code old, ")
    assert digests(tmp_path / "b.zarr") == whole(tmp_path)


class Faster(Counting):
    """Another engine."""

    def notes(self):
        return super().notes() | {"engine": "faster"}


def test_another_engine_is_put_aside_like_other_code(tmp_path, capsys, monkeypatch):
    """Engines round differently: nothing is mixed unless it is permitted, and then the store says so."""
    interrupted(tmp_path, "a")
    walk = Faster()
    toy.run(tmp_path / "work", tmp_path / "b.zarr", simulation=walk)
    assert walk.taken == toy.STEPS
    assert "is of other code, software, engine or device; it is kept in" in capsys.readouterr().err
    owner, _ = checkpoint.load(checkpoint.states(tmp_path / "work" / "aside-1")[0])
    assert owner.engine == "reference"
    monkeypatch.setenv(aside.RESUME_VARIABLE, "any")
    walk = Counting()
    toy.run(tmp_path / "work", tmp_path / "c.zarr", simulation=walk)
    assert walk.taken == 0
    continued = json.loads(store.open_complete(tmp_path / "c.zarr").attrs["continued"])
    assert len(continued) == 1 and ", faster cpu, until 60" in continued[0]


def test_a_checkpoint_goes_with_a_renamed_experiment_if_its_folder_is_moved(tmp_path):
    """The name of an experiment decides no number: what was computed under another name is published under this one."""
    toy.run(tmp_path / "old", tmp_path / "a.zarr")
    (tmp_path / "old").rename(tmp_path / "new")
    walk, attributes = Counting(), toy.attributes() | {"experiment": "stroll"}
    driver.run(walk, tmp_path / "new", tmp_path / "b.zarr", attributes)
    assert walk.taken == 0 and digests(tmp_path / "b.zarr") == digests(tmp_path / "a.zarr")
    assert store.open_complete(tmp_path / "b.zarr").attrs["experiment"] == "stroll"


def test_other_parameters_are_never_continued(tmp_path, monkeypatch):
    """Not with permission either."""
    interrupted(tmp_path, "old")
    monkeypatch.setenv(aside.RESUME_VARIABLE, "any")
    walk = Counting()
    attributes = toy.attributes("old") | {"parameters": json.dumps({"strength": 2})}
    driver.run(walk, tmp_path / "work", tmp_path / "b.zarr", attributes, "toy/walk")
    assert walk.taken == toy.STEPS and not list((tmp_path / "work").glob("aside-*"))


def test_a_permission_that_means_nothing_is_refused(tmp_path, monkeypatch):
    """One line."""
    monkeypatch.setenv(aside.RESUME_VARIABLE, "yes")
    with pytest.raises(ValueError, match="EMERGENT_DYNAMICS_RESUME=yes: only `any` is allowed, or nothing"):
        toy.run(tmp_path / "work", tmp_path / "b.zarr")
