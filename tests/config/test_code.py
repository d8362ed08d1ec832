"""Code hashes: exactly the modules that a script uses, found without importing them."""

import ast
import os
import shutil
import textwrap

import pytest

from emergent_dynamics.config import code_sha256, modules_used
from emergent_dynamics.config.code import LIBRARY
from emergent_dynamics.config.schema import read_schemas

TREE = {
    "toy/__init__.py": "",
    "toy/store/__init__.py": "from toy.store.reader import read\n",
    "toy/store/reader.py": "import numpy\n",
    "toy/store/writer.py": "",
    "toy/alone.py": "",
    "toy/ring/__init__.py": "",
    "toy/ring/a.py": "from . import b\nfrom .deep.c import anything\n",
    "toy/ring/b.py": "from ..alone import thing\n",
    "toy/ring/deep/__init__.py": "",
    "toy/ring/deep/c.py": "from toy.ring import a\n",
    "toy/other.py": "import toy.store.writer\n",
}


@pytest.fixture
def tree(tmp_path):
    for name, text in TREE.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "toy"


def used(tree, text):
    script = tree.parent / "toy_rule.py"
    script.write_text(textwrap.dedent(text), encoding="utf-8")
    return modules_used(script, tree)


STORE = ["toy.store", "toy.store.reader"]
RING = ["toy.alone", "toy.ring", "toy.ring.a", "toy.ring.b", "toy.ring.deep", "toy.ring.deep.c"]


@pytest.mark.parametrize(
    ("text", "modules"),
    [
        ("import numpy\nfrom os import path\n", []),
        ("import toy\n", []),
        ("from toy import store\n", STORE),
        ("from toy import store as s, alone\n", ["toy.alone", *STORE]),
        ("import toy.store\n", STORE),
        ("from toy.store import read\n", STORE),
        ("from toy.store import *\n", STORE),
        ("from toy.store.writer import write\n", [*STORE, "toy.store.writer"]),
        ("from toy.ring import a\n", RING),
        ("def f():\n    from toy.alone import thing\n", ["toy.alone"]),
        ("try:\n    import toy.alone\nexcept ImportError:\n    pass\n", ["toy.alone"]),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import toy.alone\n", []),
        (
            "import typing\nif typing.TYPE_CHECKING:\n    import toy.other\nelse:\n    import toy.alone\n",
            ["toy.alone"],
        ),
        ("import toybox, toy.missing\n", []),
    ],
)
def test_imports_of_every_kind_are_followed_and_closed(tree, text, modules):
    assert used(tree, text) == modules


def test_the_name_of_a_module_serves_as_a_script_does(tree):
    assert modules_used("toy.ring.b", tree) == ["toy.alone", "toy.ring", "toy.ring.b"]
    with pytest.raises(ModuleNotFoundError, match=r"toy\.absent: no such module"):
        code_sha256("toy.absent", tree)


def test_the_hash_changes_with_a_used_file_and_with_no_other(tree):
    used(tree, "from toy.ring import a\n")
    script = tree.parent / "toy_rule.py"
    first = code_sha256(script, tree)
    (tree / "other.py").write_text("x = 1\n", encoding="utf-8")
    (tree / "ring" / "unused.py").write_text("", encoding="utf-8")
    for path in [script, *tree.rglob("*.py")]:
        os.utime(path, (1, 1))
    assert code_sha256(script, tree) == first
    (tree / "alone.py").write_text("x = 1\n", encoding="utf-8")
    second = code_sha256(script, tree)
    script.write_text("from toy.ring import a\na()\n", encoding="utf-8")
    assert len({first, second, code_sha256(script, tree)}) == 3


@pytest.mark.parametrize(
    "text",
    [
        '"""Another sentence."""\n\nA = 1\n\n\ndef thing(x):\n    return x + A\n',
        "A = 1  # a remark\ndef thing(\n    x,\n):\n    # another\n    return (x + A)\n",
        'A = 1\ndef thing(x):\n    """What it does."""\n    return x + A\n',
    ],
)
def test_comments_docstrings_and_line_breaks_do_not_count(tree, text):
    (tree / "alone.py").write_text("A = 1\ndef thing(x):\n    return x + A\n", encoding="utf-8")
    first = code_sha256("toy.ring.a", tree)
    (tree / "alone.py").write_text(text, encoding="utf-8")
    assert code_sha256("toy.ring.a", tree) == first
    (tree / "alone.py").write_text(text.replace("x + A", "x - A"), encoding="utf-8")
    assert code_sha256("toy.ring.a", tree) != first


def test_a_package_with_a_format_counts_by_its_number(tree):
    package = tree / "store" / "__init__.py"
    package.write_text("from toy.store.reader import read\n\nFORMAT = 1\n", encoding="utf-8")
    assert used(tree, "from toy.store.reader import read\n") == ["toy.store"]
    script = tree.parent / "toy_rule.py"
    first = code_sha256(script, tree)
    (tree / "store" / "reader.py").write_text("def read(path):\n    return 1\n", encoding="utf-8")
    assert code_sha256(script, tree) == first
    package.write_text("from toy.store.reader import read\n\nFORMAT = 2\n", encoding="utf-8")
    assert code_sha256(script, tree) != first


def test_a_module_with_a_format_counts_by_its_number(tree):
    (tree / "alone.py").write_text("import toy.other\nFORMAT = 1\n", encoding="utf-8")
    assert used(tree, "from toy.alone import thing\n") == ["toy.alone"]
    script = tree.parent / "toy_rule.py"
    first = code_sha256(script, tree)
    (tree / "alone.py").write_text("FORMAT = 1\nA_NAME = 1\n", encoding="utf-8")
    assert code_sha256(script, tree) == first
    (tree / "alone.py").write_text("FORMAT = 2\n", encoding="utf-8")
    assert code_sha256(script, tree) != first


NUMBERED = {"device", "driver", "engines", "inputs", "runtime", "store", "streams"}


def test_what_counts_by_its_number_rests_on_nothing_that_counts_otherwise():
    """Else a change below would be seen by no hash."""
    numbered = {path for path in LIBRARY.rglob("*.py") if "\nFORMAT = " in path.read_text()}
    modules = {path.parent if path.name == "__init__.py" else path for path in numbered}
    assert {path.stem for path in modules} == NUMBERED
    assert {path.parent for path in modules} == {LIBRARY}
    allowed = {f"{LIBRARY.name}.{name}" for name in NUMBERED} | {LIBRARY.name}
    for module in modules:
        for path in module.glob("*.py") if module.is_dir() else [module]:
            imports = {
                ".".join(module.split(".")[:2])
                for node in ast.walk(ast.parse(path.read_text()))
                for module in (
                    [node.module or ""]
                    if isinstance(node, ast.ImportFrom)
                    else [alias.name for alias in node.names]
                    if isinstance(node, ast.Import)
                    else []
                )
            }
            ours = {module for module in imports if module.split(".")[0] == LIBRARY.name}
            assert ours <= allowed, path


def test_the_hash_does_not_depend_on_where_the_checkout_is(tree, tmp_path_factory):
    copy = tmp_path_factory.mktemp("elsewhere") / "toy"
    shutil.copytree(tree, copy)
    assert code_sha256("toy.ring.a", copy) == code_sha256("toy.ring.a", tree)


def test_on_the_real_tree_a_change_in_another_system_leaves_the_hash(tmp_path):
    copy = tmp_path / LIBRARY.name
    shutil.copytree(LIBRARY, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "another").mkdir()
    (copy / "another" / "model.py").write_text("", encoding="utf-8")
    module = "emergent_dynamics.statistics.survival"
    first = code_sha256(module, copy)
    assert first == code_sha256(module)
    (copy / "another" / "model.py").write_text("A_NAME = 1\n", encoding="utf-8")
    assert code_sha256(module, copy) == first
    used = copy / "statistics" / "intervals.py"
    used.write_text(used.read_text(encoding="utf-8") + "A_NAME = 1\n", encoding="utf-8")
    assert code_sha256(module, copy) != first


@pytest.mark.parametrize("system", sorted(read_schemas()[1]))
def test_a_trajectory_rests_on_its_room_and_on_numbers_of_what_is_shared(system):
    """An update of a shared room, which mends an interval or a message, costs no simulation."""
    used = {module.split(".")[1] for module in modules_used(f"{LIBRARY.name}.{system}.simulation")}
    assert used <= NUMBERED | {system}


def test_the_package_itself_holds_no_code_that_a_hash_would_miss():
    tree = ast.parse((LIBRARY / "__init__.py").read_text())
    assert {type(node) for node in tree.body} <= {ast.Expr, ast.Assign, ast.FunctionDef}


def test_no_module_reaches_the_room_of_another_system():
    """What keeps a change to one system from rerunning the others: no import leads from room to room."""
    systems = {f"{LIBRARY.name}.{system}" for system in read_schemas()[1]}
    for path in sorted({*LIBRARY.rglob("*.py")} - {LIBRARY / "__init__.py"}):
        parts = path.relative_to(LIBRARY.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        reached = {".".join(module.split(".")[:2]) for module in modules_used(name)} & systems
        assert reached <= {".".join(parts[:2])}, name
