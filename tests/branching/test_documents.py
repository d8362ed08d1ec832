"""Numbers of docs/branching.md: the tables that counts are drawn from, and finite-size scaling."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from emergent_dynamics.branching import alias, exact
from emergent_dynamics.branching.findings import scaling
from emergent_dynamics.branching.finite_size import Sizes
from emergent_dynamics.branching.parameters import Parameters
from emergent_dynamics.config.schema import read_schemas, resolve

PAGE = " ".join((Path(__file__).parents[2] / "docs" / "branching.md").read_text().split())


@pytest.mark.parametrize(
    ("neurons", "text"),
    [(20, "27 bits of threshold at N = 20"), (255, "24 bits at N = 255"), (1023, "22 at 1023")],
)
def test_the_threshold_has_as_many_bits_as_the_page_says(neurons, text):
    assert text in PAGE
    matrix = np.zeros((1, neurons + 1)) if neurons > 20 else exact.transition(1.0, neurons, "linear")
    matrix[0] = np.eye(neurons + 1)[0]
    assert text.startswith(f"{32 - alias.build(matrix).bits} ")


@pytest.mark.slow  # `finite_size` of config/seeds.yaml: two minutes
def test_the_exponents_of_finite_size_are_those_of_the_page():
    seeds = yaml.safe_load((Path(__file__).parents[2] / "config" / "seeds.yaml").read_text())
    own = resolve(read_schemas()[1]["branching"], seeds["experiments"]["branching"]["finite_size"])
    tables = scaling.find(Parameters.from_config(own), Sizes.from_config(own["scaling"]))
    printed = [
        f"{r['value']:.3f} [{r['value_lo']:.3f}, {r['value_hi']:.3f}]"
        for _, r in tables["scaling_exponents"].iterrows()
    ]
    assert " and ".join(printed) in PAGE
