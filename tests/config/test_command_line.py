"""What is lost before a configuration is read: types of `--config`, equal keys, names that are one folder."""

import pytest
from snakemake.cli import parse_config

from emergent_dynamics.config import ConfigError, load, syntax, typed

pytestmark = pytest.mark.inputs


def test_nested_values_of_the_command_line_are_numbers_and_words_as_in_a_file(schemas):
    """Snakemake makes text of them: {"neurons": "8"}."""
    given = parse_config(
        ["experiments={toy: {t: {neurons: 8, rate: 2.5e-1, open: true, name: a8, budget: inf}, u: off}}"]
    )
    assert given["experiments"]["toy"]["t"]["neurons"] == "8"
    found = load(typed(given, []), [], schemas)
    parameters = found.parameters("toy", "t")
    assert (parameters["neurons"], parameters["rate"], parameters["open"]) == (8, 0.25, True)
    assert (parameters["name"], parameters["budget"]) == ("a8", "inf") and found.names("toy") == ["t"]


@pytest.mark.parametrize(
    ("text", "value"),
    [("8", 8), ("-3", -3), ("+1", 1), ("1e-4", 1e-4), (".5", 0.5), ("2.", 2.0), ("null", None), ("~", None),
     ("no", False), ("TRUE", True), ("8a", "8a"), ("1_000", "1_000"), ("", ""), ("inf", "inf"), ("1.2.3", "1.2.3")],
)  # fmt: skip
def test_text_is_what_yaml_would_have_made_of_it(text, value):
    found = typed({"a": [{"b": text}]}, [])["a"][0]["b"]
    assert found == value and type(found) is type(value)


def test_text_that_a_file_quotes_stays_text_and_is_refused_with_the_advice_that_fits(tmp_path, schemas):
    file = tmp_path / "c.yaml"
    file.write_text('experiments: {toy: {t: {neurons: "8"}}}\n')
    config = {"experiments": {"toy": {"t": {"neurons": "8"}}}}
    assert typed(config, [file]) == config
    with pytest.raises(ConfigError, match="without quotes"):
        load(typed(config, [file]), [file], schemas)
    over = {"experiments": {"toy": {"t": {"neurons": "9"}}}}  # --config lies over the file
    assert typed(over, [file])["experiments"]["toy"]["t"]["neurons"] == 9


@pytest.mark.parametrize(
    ("text", "says"),
    [("experiments:\n  toy:\n    a: {rate: 0.1}\n    a: {rate: 0.2}\n",
      "experiments.toy.a: is set in line 3 and again in line 4"),
     ("experiments: {toy: {a: {rate: 0.1, rate: 0.2}}}\n", "toy.a.rate: is set in line 1 and again in line 1"),
     ('{"experiments": {"toy": {"a": {"training": {"epochs": 1, "epochs": 2}}}}}', "a.training.epochs: is set"),
     ("experiments: {toy: {a: {files: {x: [{b: 1, b: 2}]}}}}\n", "files.x[0].b: is set")],
)  # fmt: skip
def test_a_key_that_stands_twice_is_refused_in_one_line_with_both_lines(tmp_path, schemas, text, says):
    file = tmp_path / "c.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load({"experiments": {}}, [file], schemas)
    assert (
        says in str(caught.value)
        and str(caught.value).startswith(str(file))
        and "\n" not in str(caught.value)
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [("010", "8"), ("-017", "-15"), ("1:30", "90"), ("1:00:00.5", "3600.5")],
)
def test_a_number_that_yaml_reads_as_another_is_refused(tmp_path, schemas, written, read):
    file = tmp_path / "c.yaml"
    for text in (
        f"experiments: {{toy: {{a: {{neurons: [1, {written}]}}}}}}",
        f"a: {{neurons: [2, {written}]}}",
    ):
        file.write_text(text + "\n")
        with pytest.raises(
            ConfigError, match=rf"neurons\[1\] = {written}: YAML reads it as {read}; must be written"
        ):
            load({"experiments": {}}, [file], schemas)
    file.write_text(f"experiments: {{toy: {{'a': {{name: '{written}', rate: 0.10}}}}}}\n")
    assert load({"experiments": {}}, [file], schemas).systems == []


def test_equal_keys_in_different_mappings_and_files_are_no_duplicates(tmp_path, schemas):
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(
            "experiments: {toy: {a: {rate: 0.1}, b: {rate: 0.1, training: {rate: 0.1}}}}\n"
        )
    config = {"experiments": {"toy": {"a": {"rate": 0.1}}}}
    assert load(config, [tmp_path / "a.yaml", tmp_path / "b.yaml", tmp_path / "gone.yaml"], schemas).names(
        "toy"
    ) == ["a"]


def test_names_that_differ_in_case_only_are_refused(schemas):
    """One folder on macOS and Windows."""
    with pytest.raises(
        ConfigError, match=r"toy\.circle: the name differs from Circle in case only"
    ) as caught:
        load({"experiments": {"toy": {"Circle": {}, "circle": {}}}}, [], schemas)
    assert "\n" not in str(caught.value)
    swept = {"Scan": {"sweep": {"neurons": [1, 2]}}, "scan": {}}
    with pytest.raises(ConfigError, match=r"toy\.scan: the name differs from Scan"):
        load({"experiments": {"toy": swept}}, [], schemas)
    with pytest.raises(ConfigError, match=r"its member scan/name=b differs from scan/name=B in case"):
        load({"experiments": {"toy": {"scan": {"sweep": {"name": ["B", "b"]}}}}}, [], schemas)
    assert load({"experiments": {"toy": {"a": {}, "b": {}}}}, [], schemas).names("toy") == ["a", "b"]


def test_names_longer_than_a_folder_may_be_are_refused(schemas):
    with pytest.raises(ConfigError, match="the name has 300 characters; must have at most 200"):
        load({"experiments": {"toy": {"a" * 300: {}}}}, [], schemas)
    names = {key: ["x" * 39] for key in ("name",)} | {"neurons": [1]}
    assert len(load({"experiments": {"toy": {"a": {"sweep": names}}}}, [], schemas).names("toy")) == 1


def test_a_sweep_of_many_keys_whose_members_no_folder_can_hold_is_refused():
    """17 keys: 259 characters; the dry run was content and the run ended in OSError 36."""
    keys = {"width": 10, "height": 10, "channels": 2, "seed_fraction": 0.08, "alive_threshold": 0.5, "inheritance": 0.1,
            "mutation": 0.02, "budget": 4, "generations": 3, "activation": "sigmoid", "board_activation": "sigmoid",
            "rule": "thesis2024", "update": "sequential", "alive_rounding": "1", "runs": 1, "archive": "lineage",
            "cluster_basis": "fixed"}  # fmt: skip
    sweep = {key: [value] for key, value in keys.items()}
    with pytest.raises(ConfigError) as caught:
        load({"experiments": {"nca": {"a": {"sweep": sweep}}}}, [])
    said = str(caught.value)
    assert (
        "the name of a member of its sweep, activation=sigmoid" in said
        and "has 259 characters" in said
        and "\n" not in said
    )


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"experiments:\n  toy:\n    a: {beta: 9\n    b: {}\n",
      "line 4, column 6: not YAML: expected ',' or '}', but got ':'"),
     (b"experiments:\n\ttoy: {}\n", "line 2, column 1: not YAML: found character '\\t' that cannot start any token"),
     (b"experiments: {toy: {a: {initial: 'x}}}\n", "line 2, column 1: not YAML: found unexpected end of stream"),
     (b"a: 1\nb: \x07\n", "line 2: not YAML: unacceptable character #x0007"),
     (b"\x93NUMPY\x01\x00", "byte 0 is not text; must be a YAML file"),
     (b"- experiments\n", "holds a list; must be a mapping with the key experiments"),
     (b"", "holds nothing; must be a mapping")],
)  # fmt: skip
def test_a_file_that_is_no_yaml_is_one_line_with_file_line_and_what_is_wrong(tmp_path, capsys, content, says):
    file = tmp_path / "c.yaml"
    file.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        syntax.refuse(file)
    assert str(caught.value).startswith(f"{file}: {says}") and "\n" not in str(caught.value)
    assert syntax.main([str(file)]) == 1 and capsys.readouterr().err == f"{caught.value}\n"


def test_a_good_file_is_accepted_as_yaml_and_as_json_and_a_missing_one_or_a_folder_is_named(tmp_path):
    (tmp_path / "a.yaml").write_text("experiments: {toy: {a: {}}}\n")
    (tmp_path / "a.json").write_text('{"experiments": {"toy": {}}}\n')
    assert syntax.main([str(tmp_path / "a.yaml"), str(tmp_path / "a.json")]) == 0
    for name, says in (("gone.yaml", "No such file"), (".", "Is a directory")):
        with pytest.raises(ConfigError, match=rf"cannot be read \({says}"):
            syntax.refuse(tmp_path / name)
