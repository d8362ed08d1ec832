"""Which engine computes, and that a fallback says so."""

import pytest

from emergent_dynamics.engines import Choice, choose

ABLE = {"cuda": "", "cpu": "", "reference": ""}
SOME = {"cuda": "no kernel for rk4", "cpu": "the kernel has no rk4", "reference": ""}


@pytest.mark.parametrize(
    ("engine", "device", "able", "card", "chosen"),
    [
        ("auto", "auto", ABLE, True, ("cpu", "cpu", "the fastest on a CPU")),
        ("auto", "cuda", ABLE, True, ("cuda", "cuda", "asked for")),
        ("cuda", "auto", ABLE, True, ("cuda", "cuda", "asked for")),
        ("cuda", "cpu", ABLE, True, ("cuda", "cpu", "asked for")),
        ("reference", "auto", ABLE, True, ("reference", "cpu", "asked for")),
        ("auto", "auto", SOME, True, ("reference", "cpu", "the kernel has no rk4")),
    ],
)
def test_what_is_asked_for_is_taken(engine, device, able, card, chosen, capsys):
    assert choose(engine, device, able, lambda: card) == Choice(*chosen)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("able", "card", "name", "reason"),
    [
        (ABLE, False, "cpu", "there is no CUDA device; the fastest on a CPU"),
        (SOME, True, "reference", "cuda: no kernel for rk4; the kernel has no rk4"),
        ({"cpu": "", "reference": ""}, True, "cpu", "no GPU engine; the fastest on a CPU"),
    ],
)
def test_a_fallback_is_the_kernel_where_it_applies_and_one_line_says_so(able, card, name, reason, capsys):
    """Never the GPU's engine on a CPU, and never another equation."""
    found = choose("auto", "cuda", able, lambda: card)
    assert found == Choice(name, "cpu", f"a GPU was asked for, but {reason}")
    assert capsys.readouterr().err == f"engine: {name} on the CPU: {found.reason}\n"


def test_an_engine_that_cannot_compute_the_experiment_is_refused():
    with pytest.raises(ValueError, match="engine: cpu cannot compute this experiment: the kernel has no rk4"):
        choose("cpu", "auto", SOME)
    with pytest.raises(ValueError, match="no engine can compute"):
        choose("auto", "auto", {"cpu": "too wide"})
