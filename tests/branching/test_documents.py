"""Numbers of docs/branching.md about the tables that counts are drawn from."""

from pathlib import Path

import numpy as np
import pytest

from emergent_dynamics.branching import alias, exact

PAGE = (Path(__file__).parents[2] / "docs" / "branching.md").read_text()


@pytest.mark.parametrize(
    ("neurons", "text"),
    [(20, "27 bits of threshold at N = 20"), (255, "24 bits at N = 255"), (1023, "22 at 1023")],
)
def test_the_threshold_has_as_many_bits_as_the_page_says(neurons, text):
    assert text in PAGE
    matrix = np.zeros((1, neurons + 1)) if neurons > 20 else exact.transition(1.0, neurons, "linear")
    matrix[0] = np.eye(neurons + 1)[0]
    assert text.startswith(f"{32 - alias.build(matrix).bits} ")
