"""Random mutations of findings, theory and verdicts, and whether the quick tests of their room notice: `make mutants`.

    python -m tests.mutants [--seed N] [--each 16] [--rooms causal ...] [--workers 2]

One mutation at a time goes into a copy of the project; a mutant is killed when the room's quick tests or the harness
fail or exceed their time. Prints every survivor with its line, and the share killed with its 95 % interval; exits with
1 below 85 %. Own code, since mutmut 3 leaves constants of modules and decorated functions alone and mutates sentences,
and cosmic-ray runs the same tests for every file.
"""

import argparse
import ast
import copy
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = Path("workflow/scripts/emergent_dynamics")
QUICK = "not slow and not faults and not browser and not slurm and not gpu"
ALONE = ["tests/findings", "-k", "not harness"]  # of the shared room
LIMIT = 600  # seconds for the tests of one mutant
LEAST = 0.85
SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Div, ast.Mod: ast.FloorDiv, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip


class Mutation(NamedTuple):
    """The piece of a file between two offsets, and what stands there instead."""

    room: str
    path: Path
    line: int
    start: int
    stop: int
    text: str


def candidates(root: Path, room: str) -> list[Mutation]:
    """Every mutation of a room's findings and theory; of the shared room `findings`, of all its modules."""
    folder = root / PACKAGE / room
    files = sorted(folder.glob("*.py") if room == "findings" else folder.glob("findings/*.py"))
    files += [folder / "theory.py"] if (folder / "theory.py").is_file() else []
    found = [mutation for path in files for mutation in _of_file(root, room, path)]
    return [mutation for mutation in found if mutation.path.name != "__init__.py"]


def _of_file(root: Path, room: str, path: Path) -> Iterator[Mutation]:
    source = path.read_text()
    encoded, starts = source.encode(), [0]
    for line in encoded.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for node in _values(ast.parse(source)):
        start = starts[node.lineno - 1] + node.col_offset
        stop = starts[node.end_lineno - 1] + node.end_col_offset
        for other in _mutants(node):
            text = f"({ast.unparse(other)})"
            yield Mutation(room, path.relative_to(root), node.lineno, start, stop, text)


def _values(tree: ast.AST) -> Iterator[ast.expr]:
    """Expressions that compute something: no annotations, decorators, f-strings or docstrings."""
    for name, field in ast.iter_fields(tree):
        if name in ("annotation", "returns", "decorator_list") or isinstance(tree, ast.JoinedStr):
            continue
        for node in field if isinstance(field, list) else [field]:
            if isinstance(node, ast.expr):
                yield node
            if isinstance(node, ast.AST):
                yield from _values(node)


def _mutants(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield ast.Constant(node.value + 1 if isinstance(node.value, int) else node.value * 2 or 1.0)
    elif isinstance(node, ast.BinOp | ast.BoolOp) and type(node.op) in SWAPPED:
        yield _changed(node, op=SWAPPED[type(node.op)]())
        if isinstance(node, ast.BinOp):
            yield node.left  # a term less
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPPED:
        yield _changed(node, ops=[SWAPPED[type(node.ops[0])](), *node.ops[1:]])
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.IfExp):
        yield _changed(node, body=node.orelse, orelse=node.body)
    elif isinstance(node, ast.Call) and len(node.args) >= 2 and not _symmetric(node):
        yield _changed(node, args=[node.args[1], node.args[0], *node.args[2:]])


def _symmetric(node: ast.Call) -> bool:
    """Whether two arguments may change places, or cannot, behind a star."""
    starred = any(isinstance(argument, ast.Starred) for argument in node.args)
    return starred or ast.unparse(node.func).rpartition(".")[2] in (
        "max",
        "min",
        "hypot",
        "maximum",
        "minimum",
    )


def _changed(node: ast.expr, **fields: object) -> ast.expr:
    other = copy.copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return other


def survives(mutation: Mutation, tree: Path) -> bool:
    """Whether the room's quick tests pass in a copy of the project with this mutation."""
    path = tree / mutation.path
    source = path.read_bytes()
    mutated = source[: mutation.start] + mutation.text.encode() + source[mutation.stop :]
    try:
        path.write_bytes(mutated)
        compile(mutated, str(path), "exec")
        return all(_passes(tests, tree) for tests in _suites(mutation, tree))
    finally:
        path.write_bytes(source)


def _suites(mutation: Mutation, tree: Path) -> list[list[str]]:
    """The tests nearest to the mutation first: most mutants end there."""
    if mutation.room == "findings":
        return [ALONE]
    tests = Path("tests", mutation.room)
    near = (folder / f"test_{mutation.path.stem}.py" for folder in (tests / "findings", tests))
    first = [str(path) for path in near if (tree / path).is_file()][:1]
    rest = [f"tests/{mutation.room}", "tests/findings/test_harness.py", "-k", mutation.room]
    return [first, rest] if first else [rest]


def _passes(tests: list[str], tree: Path) -> bool:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--rootdir", str(tree), "-m", QUICK, *tests]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        ran = subprocess.run(command, cwd=tree, env=environment, capture_output=True, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return False
    return ran.returncode == 0


def _copy(folder: Path) -> Path:
    """The files that git knows, in a place of their own; run once, so that kernels are compiled there."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def main() -> int:
    rooms = sorted(path.name.partition(".")[0] for path in (ROOT / PACKAGE / "schemas").glob("*.json"))
    rooms = [*(room for room in rooms if room != "config"), "findings"]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**6, help="default: nobody chooses it")
    parser.add_argument("--each", type=int, default=16, help="mutations of each room")
    parser.add_argument("--rooms", nargs="+", default=rooms, choices=rooms)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    drawn = []
    for room in options.rooms:
        found = candidates(ROOT, room)
        drawn += draw.sample(found, min(options.each, len(found)))
    draw.shuffle(drawn)
    with tempfile.TemporaryDirectory() as folder:
        trees = [_copy(Path(folder, f"tree{i}")) for i in range(options.workers)]
        for tests in [ALONE if room == "findings" else [f"tests/{room}"] for room in options.rooms]:
            if not _passes(tests, trees[0]):
                print(f"{tests[0]}: fails without a mutation", file=sys.stderr)
                return 2
        shares = [drawn[i :: options.workers] for i in range(options.workers)]
        with ThreadPoolExecutor(options.workers) as pool:
            results = list(pool.map(_survivors, shares, trees))
    return _report(drawn, [mutation for part in results for mutation in part], options.seed)


def _survivors(mutations: list[Mutation], tree: Path) -> list[Mutation]:
    left = []
    for mutation in mutations:
        if survives(mutation, tree):
            before = (ROOT / mutation.path).read_bytes()[mutation.start : mutation.stop].decode()
            print(f"survived: {mutation.path}:{mutation.line}: {before} -> {mutation.text}", flush=True)
            left.append(mutation)
    return left


def _report(drawn: list[Mutation], left: list[Mutation], seed: int) -> int:
    from emergent_dynamics.statistics import proportion_interval

    for room in sorted({mutation.room for mutation in drawn}):
        of_room = [mutation for mutation in drawn if mutation.room == room]
        print(f"{room}: {len(of_room) - sum(m.room == room for m in left)} of {len(of_room)} killed")
    share = proportion_interval(len(drawn) - len(left), len(drawn))
    print(f"seed {seed}: {share.value:.0%} of {share.n} killed, [{share.lo:.0%}, {share.hi:.0%}]")
    return int(share.value < LEAST)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "workflow" / "scripts"))
    raise SystemExit(main())
