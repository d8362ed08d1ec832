"""The library in two lines, for every system, without Snakemake and without torch."""

import os
import subprocess
import sys

import pytest

import emergent_dynamics as ed
from emergent_dynamics.config import ConfigError
from emergent_dynamics.config.schema import read_schemas
from emergent_dynamics.runtime.job import LIBRARY
from tests.findings.test_harness import SYSTEMS

BLOCKED = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "snakemake"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocked())
"""


def python(code):
    """Standard output of a fresh Python that can import neither torch nor Snakemake."""
    environment = {**os.environ, "PYTHONPATH": f"{LIBRARY.parent}:{LIBRARY.parents[2]}"}
    command = [sys.executable, "-c", BLOCKED + code]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_the_systems_are_those_with_a_schema():
    assert ed.systems() == sorted(read_schemas()[1])
    with pytest.raises(AttributeError, match="no attribute 'simulat'"):
        ed.simulat  # noqa: B018


def test_importing_the_package_costs_nothing():
    """Less than 0.3 s with everything that it loads; no array library."""
    code = "import time; start = time.process_time(); import emergent_dynamics; print(time.process_time() - start)"
    heavy = "print(*({'numpy', 'numba', 'xarray', 'zarr', 'pandas'} & set(sys.modules)))"
    cost, loaded = python(f"{code}; {heavy}").splitlines()
    assert float(cost) < 0.3 and loaded == ""


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_system_is_simulated_and_analysed_without_torch_and_snakemake(system):
    """The harness's small experiment; `NOTEBOOK` beside it, where that one trains a network."""
    code = f"""
import emergent_dynamics as ed
from tests.{system}.findings import independent
ds = ed.simulate({system!r}, **getattr(independent, "NOTEBOOK", independent.EXPERIMENT))
analysis = ed.analyse(ds)
print(ds.attrs['system'], len(analysis.tables) > 0, len(analysis.headlines) > 0)
"""
    assert python(code).split() == [system, "True", "True"]


def test_exponents_of_a_numpy_map_need_no_torch():
    code = """
import numpy as np
from emergent_dynamics.reasoning import estimators
double = lambda z: 2 * z
print(estimators.by_qr(double, np.ones((1, 2)), steps=4), estimators.by_svd(double, np.ones((1, 2)), steps=4))
"""
    assert python(code).split() == ["[[0.69314718", "0.69314718]]"] * 2


def test_a_store_is_kept_where_it_is_asked_for_and_never_overwritten(tmp_path):
    given = {"tokens": 8, "runs": 2, "steps": 20}
    ds = ed.simulate("causal", tmp_path / "mine.zarr", **given)
    assert ed.open_store(tmp_path / "mine.zarr").equals(ds)
    assert ed.analyse(tmp_path / "mine.zarr").tables.keys() == ed.analyse(ds).tables.keys()
    with pytest.raises(FileExistsError, match=r"mine\.zarr: there is a store already"):
        ed.simulate("causal", tmp_path / "mine.zarr", **given)


def test_a_mistake_is_the_configurations_line():
    mistakes = {
        r"simulate: experiments\.causal\.run\.tokns: unknown key; did you mean tokens\?": {"tokns": 8},
        r"simulate: experiments\.causal\.run\.beta = -1: must be a number greater than 0": {"beta": -1},
        r"simulate: sweep and seeds must be absent; call simulate once": {"sweep": {"beta": [1, 2]}},
    }
    for message, parameters in mistakes.items():
        with pytest.raises(ConfigError, match=f"^{message}"):
            ed.simulate("causal", **parameters)
    with pytest.raises(
        ConfigError, match=r"^simulate: experiments\.casual: unknown system; did you mean causal\?"
    ):
        ed.simulate("casual")
