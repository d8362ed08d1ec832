"""What the front page says about the branching network's size."""

import pytest

from emergent_dynamics.branching.front import FRONT


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
