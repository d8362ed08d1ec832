"""Numbers of docs/branching.md: the tables that counts are drawn from, finite-size scaling, and edgeofpy."""

import re
from pathlib import Path

import numpy as np
import powerlaw
import pytest
import yaml

from emergent_dynamics.runtime import provenance
from emergent_dynamics import driver
from emergent_dynamics.branching import alias, exact, recording, simulation
from emergent_dynamics.branching.findings import recorded_avalanches, recorded_ratio, scaling
from emergent_dynamics.branching.finite_size import Sizes
from emergent_dynamics.branching.parameters import Parameters
from emergent_dynamics.config.schema import read_schemas, resolve
from tests.branching.example_data import spikes

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


def beside_edgeofpy():
    """{row: (edgeofpy, here)} of the page's table, as text."""
    page = (Path(__file__).parents[2] / "docs" / "branching.md").read_text()
    lines = page.partition("| | edgeofpy | here |\n")[2].partition("\n\n")[0].splitlines()[1:]
    return {
        name: own
        for name, *own in (re.findall(r"[^|]+", line.replace("| ", "|").replace(" |", "|")) for line in lines)
    }


def third_exponent(durations, sizes):
    """`fit_third_exponent` of edgeofpy 0.0.1: the power law of the mean sizes, one per duration."""
    means = [sizes[durations == d].mean() for d in np.unique(durations)]
    return powerlaw.Fit(means, discrete=True, xmin=min(means), verbose=False).power_law.alpha


def test_the_numbers_of_edgeofpy_and_ours_are_those_of_the_page(tmp_path):
    """Its formulas (`fit_powerlaw`, `fit_third_exponent`, `dcc`, `branching_ratio`) on our avalanches; our findings."""
    (tmp_path / "spikes.csv").write_text(spikes())
    example = yaml.safe_load((Path(__file__).parents[2] / "config" / "examples" / "spikes.yaml").read_text())
    own = example["experiments"]["branching"]["spikes"]
    own["recording"]["path"] = str(tmp_path / "spikes.csv")
    parameters = resolve(read_schemas()[1]["branching"], own)
    attributes = provenance.attributes("branching", "spikes", parameters, "")
    driver.run(simulation.build(parameters), tmp_path / "c", tmp_path / "x.zarr", attributes)
    recorded, settings = recording.opened(tmp_path / "x.zarr"), recording.Settings.from_config(parameters)
    table = recorded_avalanches.find(recorded, settings)
    ours = recorded_avalanches.summarise(table)
    ratio = recorded_ratio.summarise(recorded_ratio.find(recorded, settings))

    found = recorded_avalanches.chosen(recorded, settings)
    fits = [
        powerlaw.Fit(x, discrete=True, xmin=1, verbose=False).power_law
        for x in (found.sizes, found.durations)
    ]
    third = third_exponent(found.durations, found.sizes)
    dcc = abs((fits[1].alpha - 1) / (fits[0].alpha - 1) - third)
    with np.errstate(divide="ignore", invalid="ignore"):
        counts = recorded.activity(4.0)
        ratios = np.ma.masked_invalid(counts[1:] / counts[:-1]).mean()
    theirs = [
        *(f"{fit.alpha:.3f} ± {fit.sigma:.3f}" for fit in fits),
        *(f"{x:.3f}" for x in (third, dcc, ratios)),
    ]
    named = [ours[f"recorded_{name}"] for name in ("tau", "alpha", "gamma", "dcc")] + [
        ratio["recorded_one_step"]
    ]
    here = [f"{h.value:.3f} [{h.ci[0]:.3f}, {h.ci[1]:.3f}]" for h in named]
    assert list(beside_edgeofpy().values()) == [list(pair) for pair in zip(theirs, here, strict=True)]
    assert f"on the same {len(found.sizes)} avalanches" in PAGE
    duration = np.arange(1, 200)
    squares, equal = third_exponent(duration, duration**2), third_exponent(duration, duration)
    assert f"1 to 199, it is {squares:.3f}, for sizes of T {equal:.3f}" in PAGE
