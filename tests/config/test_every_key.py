"""Bad values for every key of every system: each gives a message of one line, or is a value that the key allows."""

import json
import math

import pytest

from emergent_dynamics.config import ConfigError, load
from emergent_dynamics.config.schema import read_schemas
from tests.counts import count

pytestmark = [pytest.mark.inputs, pytest.mark.slow]  # thousands of loads, a minute for all systems

BAD = [None, True, "", "x", "../x", "1e-4", "inf", "a\nb", "\x00", "\ud800", "/nowhere/x.npy"]
BAD += [-1, 0, 0.5, -0.5, 1e300, -1e300, 10**400, -(10**400), 2**64, math.nan, math.inf, -math.inf]
BAD += [1e-300, -1e-300, 5e-324, [1e-300]]
BAD += [[], [1], [-1.5], [math.nan], ["x"], [[]], {}, {"a": 1}, {"": None}]
SCHEMAS = read_schemas()[1]


def keys(schema, place=()):
    """Yield every key of an experiment, as a path, including those inside mappings."""
    for name, subschema in schema.get("properties", {}).items():
        yield (*place, name)
        yield from keys(subschema, (*place, name))


def nested(place, value):
    """{a: {b: value}} for the place (a, b)."""
    for name in reversed(place):
        value = {name: value}
    return value


def numbers(value):
    """All numbers in a value."""
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from numbers(one)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


@pytest.mark.parametrize("system", SCHEMAS)
def test_every_key_refuses_in_one_line_or_takes_a_number_that_can_be_computed_with(system):
    """The message has no traceback and no line break and names the key; no NaN and nothing beyond 10^20 is accepted."""
    tried = 0
    for place in keys(SCHEMAS[system]):
        for value in BAD:
            tried += 1
            try:
                experiments = load({"experiments": {system: {"a": nested(place, value)}}})
            except ConfigError as error:
                assert len(str(error).splitlines()) == 1 and str(error).isprintable()
                assert f"experiments.{system}.a.{place[0]}" in str(error), str(error)
            else:
                for name in experiments.names(system):
                    parameters = experiments.parameters(system, name)
                    json.dumps(parameters, allow_nan=False)
                    beyond = [number for number in numbers(parameters) if not (abs(number) <= 1e20)]
                    beyond += [number for number in numbers(parameters) if 0 < abs(number) < 1e-30]
                    assert not beyond, (place, value, beyond)
    count(f"bad values through the loader, {system}", tried, tried)
