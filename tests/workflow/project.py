"""A copy of the checkout that a test may run, touch and change, and Snakemake on it."""

import contextlib
import csv
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
NOT_COPIED = ("tests/", "docs/", "performance/", ".ci/")
SNAKEMAKE = [sys.executable, "-m", "snakemake"]
PATIENCE = 900.0  # seconds; only what never comes takes so long, however busy the machine


@dataclass(frozen=True)
class Finished:
    """How a command ended."""

    status: int
    stdout: str
    stderr: str

    @property
    def said(self) -> str:
        """Both streams."""
        return self.stdout + self.stderr


class Warm:
    """The process of warm.py, started at the first command."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def __call__(self, arguments: list[str], cwd: Path) -> Finished:
        if self._process is None:
            command = [sys.executable, str(Path(__file__).with_name("warm.py"))]
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
            )
        assert self._process.stdin and self._process.stdout
        with tempfile.TemporaryDirectory() as folder:
            out, err = Path(folder, "out"), Path(folder, "err")
            asked = {"argv": arguments, "cwd": str(cwd), "stdout": str(out), "stderr": str(err)}
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            status = int(self._process.stdout.readline())
            return Finished(status, out.read_text(), err.read_text())

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            assert self._process.stdin
            self._process.stdin.close()
            self._process.wait()


@dataclass(frozen=True)
class Project:
    """A workflow in `root` that works in `directory`, by default on `config`."""

    root: Path
    directory: Path
    config: Path
    warm: Warm

    def command(self, *arguments: Any, config: Path | None = None) -> list[str]:
        """Snakemake's arguments for this project."""
        options = ["--configfile", str(config or self.config), "--directory", str(self.directory)]
        return [*options, *map(str, arguments)]

    def run(
        self, *arguments: Any, config: Path | None = None, timeout: float = 600, **variables: str
    ) -> Finished:
        """Snakemake as a user starts it."""
        return run(*self.command(*arguments, config=config), cwd=self.root, timeout=timeout, **variables)

    def quick(self, *arguments: Any, config: Path | None = None) -> Finished:
        """The same without the start-up, for commands that run no job."""
        return self.warm(self.command(*arguments, config=config), self.root)

    def planned(self, *arguments: Any, config: Path | None = None) -> dict[str, str]:
        """Output -> rule of the jobs that would run now, from Snakemake's own table (`--summary`)."""
        found = self.quick("--summary", *arguments, config=config)
        assert found.status == 0, found.said
        rows = list(csv.DictReader(io.StringIO(found.stdout), delimiter="\t"))
        assert rows and {row["plan"] for row in rows} <= {"update pending", "no update"}, found.said
        return {row["output_file"]: row["rule"] for row in rows if row["plan"] == "update pending"}

    def rules(self, *arguments: Any, config: Path | None = None) -> set[str]:
        """The names of the rules that would run now."""
        return set(self.planned(*arguments, config=config).values())

    @contextlib.contextmanager
    def changed(self, path: str, old: str | bytes, new: str | bytes) -> Iterator[None]:
        """A file of the project with `old` replaced by `new` (an empty `old`: `new` at the end), then as before."""
        file = self.root / path
        before, was = file.read_bytes(), file.stat()
        old, new = (text.encode() if isinstance(text, str) else text for text in (old, new))
        assert old in before, f"{path}: no {old!r}"
        file.write_bytes(before.replace(old, new, 1) if old else before + new)
        try:
            yield
        finally:
            file.write_bytes(before)
            os.utime(file, ns=(was.st_atime_ns, was.st_mtime_ns))  # Numba's caches go by it

    def path(self, *parts: str) -> Path:
        """A path in the directory that the workflow works in."""
        return self.directory.joinpath(*parts)


def run(*arguments: Any, cwd: Path, timeout: float = 600, **variables: str) -> Finished:
    """Snakemake in a process of its own."""
    command = [*SNAKEMAKE, *map(str, arguments)]
    found = subprocess.run(
        command, cwd=cwd, env=environment(**variables), capture_output=True, text=True, timeout=timeout
    )
    return Finished(found.returncode, found.stdout, found.stderr)


def environment(**variables: str) -> dict[str, str]:
    """The environment without what points Python or Snakemake elsewhere: pytest's paths, a user's profile."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONPATH" and not k.startswith("SNAKEMAKE")}
    return {**kept, "OMP_NUM_THREADS": "1", **variables}


def patiently() -> Iterator[None]:
    """Every 10 ms, for who waits to see something; raises TimeoutError when patience ends."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        yield
        time.sleep(0.01)
    raise TimeoutError


def copy_checkout(destination: Path) -> None:
    """The files that git knows or would add, as they are now, and Numba's caches, which stay valid."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=CHECKOUT, capture_output=True, check=True
    )
    names = [name for name in listed.stdout.decode().split("\0") if name and not name.startswith(NOT_COPIED)]
    caches = [str(f.relative_to(CHECKOUT)) for f in (CHECKOUT / "workflow").rglob("__pycache__/*.nb[ic]")]
    for name in [*names, *caches]:
        target = destination / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):  # deleted in the checkout, and not yet in git
            shutil.copy2(CHECKOUT / name, target, follow_symlinks=False)


def write_config(path: Path, experiments: dict[str, Any], system: str = "causal") -> Path:
    """A configuration of one system (JSON is YAML)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"experiments": {system: experiments}}))
    return path
