"""The house: rooms of one shape that do not know each other, and shared rooms that know none of them."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from emergent_dynamics.config.schema import read_schemas
from emergent_dynamics.runtime.job import LIBRARY

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = LIBRARY.parent
SYSTEMS = sorted(read_schemas()[1])
FILES = [
    "__init__",
    "parameters",
    "model",
    "simulation",
    "theory",
]  # and checks, resources, front where needed
FOLDERS = ["findings", "figures"]  # and kernels where the reference is too slow
LIGHT = ["checks", "resources"]  # what the Snakefile imports of a room
PACKAGE = LIBRARY.name
MODULES = {
    ".".join(path.relative_to(SCRIPTS).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(LIBRARY.rglob("*.py"))
}
MOST_LINES, MOST_FUNCTION_LINES, MOST_PARAMETERS = 400, 70, 7
ON_DEVICE = re.compile(r"\.kernels\.(cuda_|triton_)\w+$")
NO_NAMES = re.compile(r"(^|_)(utils?|helpers?|manager|misc|common)($|_)")


def room(module):
    """The part of a dotted name below the package, `store` for example; "" for the package itself."""
    return [*module.split("."), ""][1]


def imports(module):
    """Modules of the package that a module imports, also inside functions."""
    path = MODULES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join(
                    [*package.split(".")[: len(package.split(".")) - node.level + 1], base]
                ).strip(".")
            names = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        found |= {name for name in names if name in MODULES and name != PACKAGE}
    return found - {module}


GRAPH = {module: imports(module) for module in MODULES}


def test_no_module_is_in_a_circle_of_imports():
    """Depth first; an import inside a function counts too."""
    done, path = set(), []

    def visit(module):
        assert module not in path, " -> ".join([*path[path.index(module) :], module])
        if module not in done:
            path.append(module)
            for other in sorted(GRAPH[module]):
                if not module.startswith(f"{other}."):  # a package around the module
                    visit(other)
            path.pop()
            done.add(module)

    for module in GRAPH:
        visit(module)


def test_no_systems_room_imports_another_and_no_shared_room_a_systems():
    wrong = {
        (module, other)
        for module, others in GRAPH.items()
        for other in others
        if room(other) in SYSTEMS and room(module) != room(other)
    }
    assert wrong == set()


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_room_has_the_shape_of_all_rooms(system):
    folder = LIBRARY / system
    assert [name for name in FILES if not (folder / f"{name}.py").is_file()] == []
    assert [name for name in FOLDERS if not (folder / name / "__init__.py").is_file()] == []
    parameters = ast.parse((folder / "parameters.py").read_text())
    classes = [node.name for node in parameters.body if isinstance(node, ast.ClassDef)]
    assert "Parameters" in classes


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_the_snakefile_imports_of_a_room_is_light(system):
    """Neither arrays nor compilers: every job of a cluster plans the workflow anew."""
    parts = ", ".join(name for name in LIGHT if (LIBRARY / system / f"{name}.py").is_file()) or "__doc__"
    code = (
        f"import sys; from {PACKAGE}.{system} import {parts}; "
        "print(*({'torch', 'numba', 'zarr', 'xarray', 'pandas', 'scipy'} & set(sys.modules)))"
    )
    import os
    import sys

    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS)}
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == []


def test_every_name_that_a_script_imports_from_the_library_is_there():
    """`from emergent_dynamics.<room> import name`: a module, or a name that the module binds."""
    missing = set()
    for path in [*SCRIPTS.glob("*.py"), *MODULES.values()]:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.ImportFrom) or (node.module or "").partition(".")[0] != PACKAGE:
                continue
            source = MODULES[node.module].read_text() if node.module in MODULES else ""
            missing |= {
                f"{path.name}: {node.module}.{alias.name}"
                for alias in node.names
                if f"{node.module}.{alias.name}" not in MODULES
                and not re.search(rf"\b{alias.name}\b", source)
            }
    assert missing == set()


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_system_has_an_experiment_of_seconds(system):
    assert yaml.safe_load((ROOT / "config" / "tiny.yaml").read_text())["experiments"].get(system), (
        f"config/tiny.yaml has no experiment of {system}"
    )


def shared_files():
    """Files that a new system must not have to touch."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        parts = re.split(r"[/._-]", name)
        own = any(system in parts or any(part.startswith(system) for part in parts) for system in SYSTEMS)
        documents = name.startswith(("config/", "docs/")) or name.endswith((".md", ".cff"))
        if (
            not own
            and not documents
            and re.search(r"(\.(py|smk|toml|yaml|js|css)|Snakefile|Makefile)$", name)
        ):
            yield name


def docstrings(source):
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, kinds)]
    return [text for node in nodes if (text := ast.get_docstring(node, clean=False))]


@pytest.mark.parametrize(
    "name", sorted(n for n in shared_files() if not n.startswith(("tests/", "performance/")))
)
def test_a_system_is_named_nowhere_outside_its_own_files(name):
    """Snakefile, shared rules, shared rooms, profiles, pyproject: they look; docstrings have examples."""
    text = (ROOT / name).read_text()
    for docstring in docstrings(text) if name.endswith(".py") else []:
        text = text.replace(docstring, "")
    assert [s for s in SYSTEMS if re.search(rf"(?<![\w.-]){s}(?![\w-])", text)] == []


@pytest.mark.parametrize("name", sorted(n for n in shared_files() if n.startswith("tests/")))
def test_a_shared_test_names_one_system_at_most_as_its_example(name):
    """A list of systems would have to grow with a sixth."""
    text = (ROOT / name).read_text()
    assert len([s for s in SYSTEMS if re.search(rf"(?<![\w.-]){s}(?![\w-])", text)]) <= 1


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_finding_has_one_stem_in_rule_summary_and_documents(system):
    """`<finding>.summary.json` of the rules is a module of findings, and docs/<system>.md has its section."""
    modules = {path.stem for path in (LIBRARY / system / "findings").glob("*.py")} - {"__init__"}
    text = "".join(path.read_text() for path in (ROOT / "rules").glob(f"{system}*.smk"))
    summaries = set(re.findall(r"(\w+)\.summary\.json", text))
    assert summaries <= modules, "summaries without a finding of that name"
    page = (ROOT / "docs" / f"{system}.md").read_text()
    assert [
        stem for stem in sorted(modules) if not re.search(rf"`{stem}`|^#+.*\b{stem}\b", page, re.M | re.I)
    ] == []


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_can_be_read_at_one_sitting(module):
    """At most 400 lines, functions of at most 70 lines and seven parameters, and no name that says nothing.

    A kernel for a device, and the function that makes it, is one piece: its arguments are flat, and what it keeps in
    registers does not survive being cut into calls.
    """
    source = MODULES[module].read_text()
    assert source.count("\n") <= MOST_LINES
    assert not NO_NAMES.search(module.rpartition(".")[2])
    if ON_DEVICE.search(module):
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            arguments = node.args
            count = len(arguments.posonlyargs) + len(arguments.args) + len(arguments.kwonlyargs)
            count -= bool(arguments.args) and arguments.args[0].arg in ("self", "cls")
            assert count <= MOST_PARAMETERS, f"{node.name} takes {count} parameters"
            assert node.end_lineno - node.lineno <= MOST_FUNCTION_LINES, f"{node.name} is too long"


def test_every_public_function_of_the_library_says_what_it_does():
    silent = [
        f"{module}.{node.name}"
        for module, path in MODULES.items()
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []
