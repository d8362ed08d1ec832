"""Numbers of docs/oscillators.md that take a run of an experiment of config/seeds.yaml."""

import re
from pathlib import Path

import pytest
import yaml

from emergent_dynamics.runtime import provenance
from emergent_dynamics import driver
from emergent_dynamics.oscillators import kuramoto, simulation, theory
from emergent_dynamics.oscillators.findings import lyapunov, order, ring
from emergent_dynamics.store import open_complete
from tests.oscillators.experiments import complete

ROOT = Path(__file__).parents[2]
LINES = (ROOT / "docs" / "oscillators.md").read_text()
PAGE = " ".join(LINES.split())
ROWS = re.findall(
    r"^\| ([\d.]+) \| (\.\d+) \[(\.\d+), (\.\d+)\] \| (\.\d+) \| (\.\d+)(?: \(one moment\))? \|$",
    LINES,
    re.MULTILINE,
)


def rounded(value, printed):
    """A number as the page prints one: without the leading 0, to as many digits."""
    return f"{value:.{len(printed) - 1}f}".lstrip("0")


def test_the_table_of_kuramotos_transition_has_a_row_per_member():
    own = yaml.safe_load((ROOT / "config" / "seeds.yaml").read_text())["experiments"]["oscillators"][
        "kuramoto"
    ]
    assert [float(row[0]) for row in ROWS] == own["sweep"]["coupling"]
    assert f"K_c = {theory.critical_coupling('gaussian', 1.0):.3f}" in PAGE


@pytest.mark.slow  # 10,000 steps of 10,000 units, eight samples: a minute each
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"K={row[0]}")
def test_the_table_of_kuramotos_transition_comes_out(row, tmp_path):
    """Value, interval, theory and the spread of a sample, as `kuramoto` of config/seeds.yaml gives them."""
    coupling, value, lo, hi, expected, spread = row
    own = yaml.safe_load((ROOT / "config" / "seeds.yaml").read_text())["experiments"]["oscillators"][
        "kuramoto"
    ]
    own.pop("sweep")
    config = complete(**own | {"coupling": float(coupling)})
    attributes = provenance.attributes("oscillators", "kuramoto", config, "")
    driver.run(simulation.build(config), tmp_path / "c", tmp_path / "t.zarr", attributes)
    tables = order.find(open_complete(tmp_path / "t.zarr"), config)
    found = order.summarise(tables, config)["order_stationary"]
    assert (rounded(found.value, value), *(rounded(*pair) for pair in zip(found.ci, (lo, hi), strict=True))) == (
        value, lo, hi,
    )  # fmt: skip
    assert rounded(found.expectation.value, expected) == expected
    if float(coupling) > theory.critical_coupling("gaussian", 1.0):
        assert rounded(kuramoto.locked_spread("gaussian", 1.0, float(coupling), 10_000), spread) == spread


def of_seeds(name, folder, **changes):
    """The finished store of an experiment of config/seeds.yaml, and its parameters."""
    own = yaml.safe_load((ROOT / "config" / "seeds.yaml").read_text())["experiments"]["oscillators"][name]
    config = complete(**{key: value for key, value in own.items() if key != "sweep"} | changes)
    attributes = provenance.attributes("oscillators", name, config, "")
    driver.run(simulation.build(config), folder / "c", folder / "t.zarr", attributes)
    return open_complete(folder / "t.zarr"), config


def digits(value):
    """Four digits after the point, without a leading 0."""
    return re.sub(r"^(-?)0\.", r"\1.", f"{value:.4f}")


def shown(headline):
    """A headline with its interval as the page prints it."""
    return f"{digits(headline.value)} [{', '.join(map(digits, headline.ci))}]"


def known(headline):
    return "" if headline.expectation is None else digits(headline.expectation.value)


@pytest.mark.slow  # 1,000 steps of 4,000 units, eight runs: 10 s each
@pytest.mark.parametrize("coupling", [1, 2.5, 3, 4, 6])
def test_the_table_of_the_reduced_equation_comes_out(coupling, tmp_path):
    found, config = of_seeds("reduced", tmp_path, coupling=coupling)
    rows = order.summarise(order.find(found, config), config)
    half, limit = rows["order_halfway"], rows["order_stationary"]
    time = half.note.rpartition(" ")[2]
    row = f"| {coupling} | {time} | {shown(half)} | {known(half)} | {shown(limit)} | {known(limit)} |"
    assert row in PAGE, row


CHIMERA = {
    "chimera_order": "order parameter",
    "chimera_unevenness": "first Fourier mode",
    "chimera_rotation": "rate of the mean phase",
}


@pytest.mark.slow  # 10,000 steps of 16 rings of 256 units, and exponents: two minutes
def test_the_table_of_the_chimera_comes_out(tmp_path):
    found, config = of_seeds("chimera", tmp_path)
    rows = ring.summarise(ring.find(found, config), config)
    share = rows["chimera_share"]
    assert f"{round(16 * share.value)} of 16 runs" in PAGE, share
    missing = [
        row
        for row in (
            f"| {text} | {shown(rows[name])} | {known(rows[name])} |" for name, text in CHIMERA.items()
        )
        if row not in PAGE
    ]
    assert missing == []
    table = lyapunov.find(found, config)["lyapunov"]
    chimeras = ring.late_means(ring.find(found, config)["ring"])["chimera"]
    own = {"lyapunov": table[table["run"].isin(chimeras.index[chimeras])]}
    largest = lyapunov.summarise(own, config)["lyapunov_largest"]
    assert f"largest exponent of the chimeras is {shown(largest)}, from 400" in PAGE, largest


@pytest.mark.slow  # 1,000 steps of 16 rings, and exponents
def test_without_a_lag_all_runs_of_the_ring_end_in_phase(tmp_path):
    found, config = of_seeds("in_phase", tmp_path)
    tables = ring.find(found, config)
    assert ring.summarise(tables, config)["chimera_share"].value == 0
    assert tables["ring"].groupby("run")["uniform"].last().min() > 0.999
    largest = lyapunov.summarise(lyapunov.find(found, config), config)["lyapunov_largest"]
    assert abs(largest.value) < 1e-3 and largest.expectation is not None


@pytest.mark.slow  # five splits of 1,797 digits with a field trained in each
def test_the_table_of_the_trained_field_comes_out(tmp_path):
    from emergent_dynamics.oscillators import classification
    from emergent_dynamics.oscillators.findings import training

    own = yaml.safe_load((ROOT / "config" / "seeds.yaml").read_text())["experiments"]["oscillators"][
        "learned"
    ]
    config = complete(**own)
    tables = training.find(classification.run(config, classification.Ledger(tmp_path, "x")))
    accuracy = tables["accuracy"].set_index(["classifier", "features"])["accuracy"]
    for row in tables["gain"].to_dict("records"):
        parts = [
            rounded(accuracy[row["classifier"], name], ".000")
            for name in ("raw", row["control"], "field", "trained")
        ]
        gains = [
            f"{row[f'gain_{part}']:+.3f} [{row[f'lo_{part}']:.3f}, {row[f'hi_{part}']:.3f}]".replace(
                "0.", "."
            )
            for part in ("trained", "fixed")
        ]
        line = f"| {row['classifier']} | {' | '.join(parts)} | {' | '.join(gains)} |"
        assert line in PAGE, line
