"""Every mistake is one line: file, key, value, what is allowed."""

import datetime
import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from emergent_dynamics.config import ConfigError, load
from emergent_dynamics.config.schema import DIRECTORY

pytestmark = pytest.mark.inputs

CAUSAL = json.loads((DIRECTORY / "causal.schema.json").read_text(encoding="utf-8"))


def message(config, files=(), schemas=None):
    with pytest.raises(ConfigError) as caught:
        load(config, files, schemas)
    return str(caught.value)


KEYS_OF_TOY = "neurons, budget, rate, name, open, training, input, files, series"
MISTAKES = [
    ("neurons: 300", ".neurons = 300: must be an integer from 1 to 255 (counts are stored as uint8)"),
    ("neurons: 2.5", ".neurons = 2.5: must be an integer from 1 to 255 (counts are stored as uint8)"),
    ("budjet: 3", ".budjet: unknown key; did you mean budget?"),
    ("BUDGET: 3", ".BUDGET: unknown key; did you mean budget?"),
    (
        "zzz: 3",
        f".zzz: unknown key; allowed: {KEYS_OF_TOY}, sweep",
    ),
    ("budget: -1", ".budget = -1: must be an integer of at least 0 or inf"),
    ("budget: .inf", ".budget = inf: must be an integer of at least 0 or inf"),
    (
        "rate: 1e-4",
        '.rate = "1e-4": must be a number from 0 to 1; write 1.0e-4 (YAML reads 1e-4 as text)',
    ),
    (
        "rate: 2.5E3",
        '.rate = "2.5E3": must be a number from 0 to 1; write 2.5e+3 (YAML reads 2.5E3 as text)',
    ),
    ("rate: '0.1'", '.rate = "0.1": must be a number from 0 to 1; write 0.1 without quotes'),
    ("rate: .nan", ".rate = nan: must be a number from 0 to 1"),
    ("rate: yes", ".rate = true: must be a number from 0 to 1"),
    ("rate:", ".rate = null: must be a number from 0 to 1; leave the key out for its default"),
    (
        "name: no",
        ".name = false: must be text; YAML reads yes, no, on and off as true and false: quote it",
    ),
    ("name: 2026-11-22", ".name = 2026-11-22: must be text, a number, a list or a mapping; quote it"),
    ("open: 1", ".open = 1: must be true or false"),
    ("1: 1", ".1: the name must be text; quote it"),
    ("training: {rate: 0}", ".training.rate = 0: must be a number greater than 0"),
    ("training: {epoch: 1}", ".training.epoch: unknown key; did you mean epochs?"),
    ("training: 3", ".training = 3: must be {rate: x, epochs: n}"),
    ("input: {source: digits, counts: 3}", ".input.counts: unknown key; did you mean count?"),
    (
        "input: {source: web}",
        ".input = {source: web}: must be {source: digits} or {source: image, path: text}",
    ),
    (
        "input: {source: image, path: /no/x.png}",
        '.input.path = "/no/x.png": must be a file that exists',
    ),
    ("series: {a: [{step: 1}]}", ".series.a[0].path: missing; must be the path of a file"),
    ("sweep: 3", ".sweep = 3: must be a mapping of parameters to lists of values"),
    ("sweep: {rate: 3}", ".sweep.rate = 3: must be a list of at least 1 value"),
    ("sweep: {rate: []}", ".sweep.rate = []: must be a list of at least 1 value"),
    ("sweep: {rat: [1]}", ".sweep.rat: unknown key; did you mean rate?"),
    (
        "sweep: {sweep: [1]}",
        f".sweep.sweep: unknown key; allowed: {KEYS_OF_TOY}",
    ),
    ("sweep: {rate: [0, 2]}", ".sweep.rate[1] = 2: must be a number from 0 to 1 (in a/rate=2)"),
    ("sweep: {rate: [1, 1.0]}", ".sweep.rate[1] = 1.0: must be different from the values before it"),
    ("{rate: 2, sweep: {neurons: [1]}}", ".rate = 2: must be a number from 0 to 1 (in a/neurons=1)"),
]


@pytest.mark.parametrize(("text", "said"), MISTAKES, ids=[text for text, _ in MISTAKES])
def test_a_mistake_in_an_experiment_is_said_in_exactly_these_words(
    text, said, schemas, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    config = {"experiments": {"toy": {"a": yaml.safe_load(text)}}}
    (tmp_path / "config" / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    found = message(config, ["config/config.yaml"], schemas)
    assert found == f"config/config.yaml: experiments.toy.a{said}"


OUTSIDE = [
    ({}, "experiments: missing; must be experiments by system, {causal: {circle: {beta: 49}}}"),
    ({"experiments": 3}, "experiments = 3: must be experiments by system, {causal: {circle: {beta: 49}}}"),
    ({"experiment": {}}, "experiment: unknown key; did you mean experiments?"),
    ({"experiments": {"tyo": {}}}, "experiments.tyo: unknown system; did you mean toy?"),
    (
        {"experiments": {"toy": {"rate": 0.5}}},
        "experiments.toy.rate = 0.5: must be the parameters of an experiment, {beta: 49}, or off",
    ),
    (
        {"experiments": {"toy": True}},
        "experiments.toy = true: must be experiments by name, {circle: {beta: 49}}, or off",
    ),
    (
        {"experiments": {"toy": {"my run": {}}}},
        "experiments.toy.my run: the name must be letters, digits, _ and -",
    ),
    ({"experiments": {"toy": {"..": {}}}}, "experiments.toy...: the name must be letters, digits, _ and -"),
    (
        {"experiments": {"toy": {"a\n": {}}}},
        'experiments.toy."a\\n": the name must be letters, digits, _ and -',
    ),
]


@pytest.mark.parametrize(("config", "said"), OUTSIDE)
def test_a_mistake_around_the_experiments_is_said_in_exactly_these_words(config, said, schemas):
    assert message(config, schemas=schemas) == f"config: {said}"


def test_a_relative_path_that_is_missing_says_where_it_starts(schemas, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = message({"experiments": {"toy": {"a": {"files": {"x": "w.npz"}}}}}, schemas=schemas)
    assert said.endswith(f".files.x = w.npz: must be a file that exists; relative paths start in {tmp_path}")


def test_a_folder_that_is_no_store_is_refused_before_all_in_it_is_hashed(schemas):
    said = message({"experiments": {"toy": {"a": {"files": {"x": "."}}}}}, schemas=schemas)
    assert said.endswith('.files.x = ".": must be a file; it is a folder but no Zarr store')


def test_no_path_at_all_is_refused_where_a_matrix_is_a_file():
    said = message({"experiments": {"causal": {"a": {"query": {"file": ""}}}}})
    assert said == 'config: experiments.causal.a.query.file = "": must be the path of a file'


def test_the_file_named_is_the_last_that_holds_the_key_with_the_value_in_force(
    schemas, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)

    def write(name, **experiment):
        (tmp_path / name).write_text(
            json.dumps({"experiments": {"toy": {"a": experiment}}}), encoding="utf-8"
        )
        return name

    files = [write("base.yaml", rate=2, neurons=300), write("mine.yaml", rate=3)]

    def file_of(**experiment):
        return message({"experiments": {"toy": {"a": experiment}}}, files, schemas).partition(": ")[0]

    assert file_of(neurons=300, rate=1) == "base.yaml"
    assert file_of(rate=3) == "mine.yaml"
    assert file_of(rate=2) == "base.yaml"
    assert file_of(rate=4) == file_of(sweep=5) == "--config"


def test_the_first_of_several_mistakes_is_always_the_same_and_a_typo_comes_first(schemas):
    config = {"experiments": {"toy": {"a": {"rate": 9, "neurons": 0, "nam": 1}, "b": {"rate": 9}}}}
    assert (
        message(config, schemas=schemas) == "config: experiments.toy.a.nam: unknown key; did you mean name?"
    )
    del config["experiments"]["toy"]["a"]["nam"]
    assert "a.neurons = 0" in message(config, schemas=schemas)


def test_a_sweep_that_nobody_can_run_is_refused_before_it_is_made(schemas):
    sweep = {"neurons": list(range(1, 256)), "budget": list(range(1000))}
    said = message({"experiments": {"toy": {"a": {"sweep": sweep}}}}, schemas=schemas)
    assert said == "config: experiments.toy.a.sweep: makes 255000 members; must make at most 10000"


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.dates()
    | st.sampled_from(
        ["1e-4", "inf", "identity", "a\nb", "\x00", "\u2028", "\ud800", 10**400, datetime.datetime.max]
    )
)
KEYS = st.text(max_size=8) | st.integers() | st.booleans() | st.sampled_from(list(CAUSAL["properties"]))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=10,
)
PLAUSIBLE = st.dictionaries(
    st.sampled_from(list(CAUSAL["properties"])), VALUES, max_size=4
) | st.fixed_dictionaries(
    {
        "sweep": st.dictionaries(
            st.sampled_from(list(CAUSAL["properties"])), st.lists(VALUES, max_size=3), max_size=2
        )
    }
)


@given(
    st.one_of(
        st.dictionaries(KEYS, VALUES, max_size=3),
        st.fixed_dictionaries({"experiments": VALUES}),
        st.fixed_dictionaries(
            {"experiments": st.fixed_dictionaries({"causal": st.dictionaries(KEYS, VALUES)})}
        ),
        PLAUSIBLE.map(lambda experiment: {"experiments": {"causal": {"circle": experiment}}}),
    )
)
@settings(deadline=None, max_examples=200)
def test_whatever_is_given_is_either_valid_or_one_line(config):
    try:
        experiments = load(config)
    except ConfigError as error:
        assert len(str(error).splitlines()) == 1 and str(error).isprintable()
    else:
        for system in experiments.systems:
            for name in experiments.names(system):
                json.dumps(experiments.parameters(system, name), allow_nan=False)
