"""Which engine computes, and that a fallback says so."""

from importlib import import_module

import pytest

from emergent_dynamics.config import ConfigError, load
from emergent_dynamics.config.schema import read_schemas
from emergent_dynamics.engines import Choice, choose, tell

ABLE = {"cuda": "", "cpu": "", "reference": ""}
SOME = {"cuda": "no kernel for rk4", "cpu": "the kernel has no rk4", "reference": ""}


@pytest.mark.parametrize(
    ("engine", "device", "able", "card", "chosen"),
    [
        ("auto", "auto", ABLE, True, ("cpu", "cpu", "the fastest on a CPU")),
        ("auto", "cuda", ABLE, True, ("cuda", "cuda", "asked for")),
        ("reference", "auto", ABLE, True, ("reference", "cpu", "asked for")),
        ("auto", "auto", SOME, True, ("reference", "cpu", "the kernel has no rk4")),
    ],
)
def test_what_is_asked_for_is_taken(engine, device, able, card, chosen, capsys):
    found = choose(engine, device, able, lambda: card)
    assert found == Choice(*chosen)
    tell(device, found.device, found.reason)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("able", "card", "name", "reason"),
    [
        (ABLE, False, "cpu", "there is no CUDA device; the fastest on a CPU"),
        (SOME, True, "reference", "no kernel for rk4; the kernel has no rk4"),
        ({"cpu": "", "reference": ""}, True, "cpu", "it has no CUDA kernels; the fastest on a CPU"),
    ],
)
def test_a_fallback_is_the_kernel_where_it_applies_and_one_line_says_so(able, card, name, reason, capsys):
    """Never the GPU's engine on a CPU, and never another equation."""
    found = choose("auto", "cuda", able, lambda: card)
    assert found == Choice(name, "cpu", f"a GPU was asked for, but {reason}")
    tell("cuda", found.device, found.reason)
    assert capsys.readouterr().err == f"device: cuda is not used: a GPU was asked for, but {reason}\n"


@pytest.mark.parametrize("system", sorted(read_schemas()[1]))
def test_without_a_gpu_every_system_gives_the_reason_or_refuses_the_key(system, monkeypatch):
    """`driver.run` prints it. A system that never uses a GPU refuses `device: cuda` in one line."""
    monkeypatch.setattr("emergent_dynamics.device.missing", lambda: "numba-cuda is not installed")
    try:
        found = load({"experiments": {system: {"x": {"device": "cuda"}}}}, ["test"])
    except ConfigError as error:
        assert "device" in str(error) and "cpu" in str(error) and "\n" not in str(error)
        return
    notes = (
        import_module(f"emergent_dynamics.{system}.simulation").build(found.simulation(system, "x")).notes()
    )
    assert notes["device"] == "cpu" and notes["engine_reason"]


def test_an_engine_that_cannot_compute_the_experiment_is_refused():
    with pytest.raises(ValueError, match="engine: cpu cannot compute this experiment: the kernel has no rk4"):
        choose("cpu", "auto", SOME)
    with pytest.raises(ValueError, match="no engine can compute"):
        choose("auto", "auto", {"cpu": "too wide"})
