"""Hash of exactly the modules that a rule uses, found by reading imports, never by importing.

Followed: modules of this package, from any depth of a file, the `__init__` of every package on the way, and
the files that lie beside that `__init__` without being Python (the pages' .js and .css).
Not followed: imports for a type checker only, and names computed at run time (`importlib`).
"""

import ast
import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path

LIBRARY = Path(__file__).resolve().parents[1]
DATA = (".js", ".css", ".json", ".csv", ".html")
Import = tuple[int, str, tuple[str, ...]]  # level of a relative import, module, names taken from it


def code_sha256(script: str | Path, root: Path = LIBRARY) -> str:
    """SHA-256 over the script and every module it uses: names and bytes, in the order of names.

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
        if str(script) not in found:
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
    """A module and the packages that contain it, as far as they are files of ours."""
    parts = name.split(".")
    if parts[0] != root.name:
        return
    for depth in range(1, len(parts) + 1):
        place = root.joinpath(*parts[1:depth])
        for path in (place / "__init__.py", place.parent / f"{place.name}.py"):
            if path.is_file() and (depth > 1 or path.name == "__init__.py"):
                yield ".".join(parts[:depth]), path
                break


def _scan(path: Path) -> tuple[str, tuple[Import, ...]]:
    """Hash and imports of a file, read once per process while its size and time stay the same."""
    stat = path.stat()
    return _scan_version(str(path.resolve()), stat.st_size, stat.st_mtime_ns)


@functools.cache
def _scan_version(path: str, size: int, mtime_ns: int) -> tuple[str, tuple[Import, ...]]:
    source = Path(path).read_bytes()
    imports = _imports(ast.parse(source, path)) if path.endswith(".py") else ()
    return hashlib.sha256(source).hexdigest(), tuple(imports)


def _imports(node: ast.AST) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        yield from ((0, alias.name, ()) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield node.level, node.module or "", tuple(alias.name for alias in node.names)
    elif isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
        for statement in node.orelse:
            yield from _imports(statement)
    else:
        for block in ("body", "orelse", "finalbody", "handlers", "cases"):  # imports are statements
            children = getattr(node, block, [])
            for child in children if isinstance(children, list) else ():
                yield from _imports(child)
