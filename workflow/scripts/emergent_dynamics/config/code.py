"""A hash of the code that a rule uses. The modules are found by reading import statements; none is imported.

The hash covers all modules of this package that the script imports, directly or through other modules, wherever in a
file the import stands; the `__init__` of every package that contains them; and the data files beside that `__init__`,
such as .js and .css. It does not cover imports for a type checker only, modules imported by a name that is computed at
run time (`importlib`), or the `__init__` of the whole package, which holds its version and imports nothing.

A module enters the hash as its syntax tree without docstrings, so a change of comments, line breaks or docstrings does
not make a result stale. A shared module, or a package in its `__init__`, with a line `FORMAT = n` enters the hash as
that number alone. It is raised when the module gives a system other values, or writes other bytes to disk.
"""

import ast
import functools
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

LIBRARY = Path(__file__).resolve().parents[1]
DATA = (".js", ".css", ".json", ".csv", ".html")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
Import = tuple[int, str, tuple[str, ...]]  # level of a relative import, module, names taken from it


def code_sha256(script: str | Path, root: Path = LIBRARY) -> str:
    """SHA-256 over the script and every module that it uses: the name and the hash of each, sorted by name.

    script : a rule's script, or the dotted name of a module (`emergent_dynamics.store.reader`).
    root : the package's directory; the default is the package that is running.
    """
    digest = hashlib.sha256()
    found = _closure(script, root)
    for path in [path for path in found.values() if path.name == "__init__.py"]:
        found |= {str(f.relative_to(root)): f for f in path.parent.iterdir() if f.suffix in DATA}
    for name, path in sorted(found.items()):
        digest.update(f"{name}\0{_scan(path)[0]}\n".encode())
    return digest.hexdigest()


def modules_used(script: str | Path, root: Path = LIBRARY) -> list[str]:
    """Dotted names of the package's modules that the hash covers, sorted; a script itself is left out."""
    return sorted(name for name in _closure(script, root) if not name.endswith(".py"))


def _closure(script: str | Path, root: Path) -> dict[str, Path]:
    """Name -> file of the script (under its file name) and of every module reachable from it."""
    if str(script).endswith(".py"):
        found = {Path(script).name: Path(script)}
    else:
        found = dict(_chain(str(script), root))
        if str(script) not in found and not any(_format(path) for path in found.values()):
            raise ModuleNotFoundError(f"{script}: no such module in {root}", name=str(script))
    waiting = list(found)
    while waiting:
        name = waiting.pop()
        package = name if found[name].name == "__init__.py" else name.rpartition(".")[0]
        for imported in _scan(found[name])[1]:
            for used, path in _modules(imported, package, root):
                if used not in found:
                    found[used] = path
                    waiting.append(used)
    return found


def _modules(imported: Import, package: str, root: Path) -> Iterator[tuple[str, Path]]:
    """Modules of the package that one import statement runs; a name may be a module or an attribute."""
    level, module, names = imported
    if level:
        parents = package.split(".")[: len(package.split(".")) - level + 1]
        module = ".".join([*parents, module] if module else parents)
    for name in (module, *(f"{module}.{name}" for name in names)):
        yield from _chain(name, root)


def _chain(name: str, root: Path) -> Iterator[tuple[str, Path]]:
    """The files of a module and of the packages below `root` that contain it; none below a `FORMAT`."""
    parts = name.split(".")
    if parts[0] != root.name:
        return
    for depth in range(2, len(parts) + 1):
        place = root.joinpath(*parts[1:depth])
        for path in (place / "__init__.py", place.parent / f"{place.name}.py"):
            if path.is_file():
                yield ".".join(parts[:depth]), path
                if _format(path) is not None:
                    return
                break


def _scan(path: Path) -> tuple[str, tuple[Import, ...]]:
    """Hash and imports of a file, read once per process while its size and time stay the same."""
    stat = path.stat()
    return _scan_version(str(path.resolve()), stat.st_size, stat.st_mtime_ns)


@functools.cache
def _scan_version(path: str, size: int, mtime_ns: int) -> tuple[str, tuple[Import, ...]]:
    source = Path(path).read_bytes()
    if not path.endswith(".py"):
        return hashlib.sha256(source).hexdigest(), ()
    if (number := _format(Path(path))) is not None:
        return f"format {number}", ()
    tree = ast.parse(source, path)
    imports = tuple(_imports(tree))
    return hashlib.sha256(_undocumented(tree).encode()).hexdigest(), imports


def _format(path: Path) -> int | None:
    """The number in a line `FORMAT = n` of a module or of a package's `__init__`; None if there is none."""
    found = re.search(rb"^FORMAT = (\d+)", path.read_bytes(), re.M)
    return int(found[1]) if found else None


def _undocumented(tree: ast.Module) -> str:
    """The source of a module, written again from its syntax tree without docstrings."""
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
    return ast.unparse(tree)


def _imports(node: ast.AST) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        yield from ((0, alias.name, ()) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield node.level, node.module or "", tuple(alias.name for alias in node.names)
    elif isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
        for statement in node.orelse:
            yield from _imports(statement)
    else:
        for block in ("body", "orelse", "finalbody", "handlers", "cases"):  # statements may contain imports
            children = getattr(node, block, [])
            for child in children if isinstance(children, list) else ():
                yield from _imports(child)
