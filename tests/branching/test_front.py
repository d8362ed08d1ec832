"""What the front page says about the branching network's size."""

import pytest

from emergent_dynamics.branching.front import FRONT


def record(value, low, high, **others):
    return {"value": value, "ci": [low, high], "unit": "1", "note": None, **others}


@pytest.mark.parametrize(
    ("neurons", "sigma", "text"),
    [
        (20, [0.9, 1.0], "3 layers of 20 neurons, 2 branching ratios"),
        ([20, 40, 30], [1.0], "3 layers of 20 to 40 neurons, 1 branching ratio"),
        ([20, 20, 20], [1.0], "3 layers of 20 neurons, 1 branching ratio"),
    ],
)
def test_layers_of_different_width_are_named_by_the_narrowest_and_the_widest(neurons, sigma, text):
    parameters = {"source": "model", "layers": 3, "neurons": neurons, "sigma": sigma}
    assert FRONT.size(parameters) == text
    assert FRONT.limits(parameters, {})[0].startswith(text.partition(",")[0] + " are few")


@pytest.mark.parametrize(("p", "said"), [(0.02, True), (0.09, True), (0.1, False), (0.6, False)])
def test_an_exponent_of_a_recording_is_not_shown_without_saying_that_the_law_is_ruled_out(p, said):
    """Below 0.1 it is (Clauset, Shalizi & Newman 2009)."""
    headlines = {
        "recorded_tau": record(1.92, 1.91, 1.93),
        "recorded_tau_p": record(p, 0.0, 0.9),
        "recorded_mr": record(0.99, 0.98, 1.0, note="bins of 4 ms"),
    }
    text = FRONT.answer(headlines).text
    assert ("but a power law is ruled out: p = " in text) is said
    assert "From one bin to the next (bins of 4 ms) each event is followed by 0.990" in text
