"""docs/tutorial.md does what it says: its blocks are run in order in a copy of the workflow, its output compared."""

import doctest
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("tutorial")  # one worker runs its blocks

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text()
WORKFLOW = ("Snakefile", "rules", "workflow", "config", "envs", "profiles")
MARKER = "----- block {} -----"
OUTPUT = doctest.OutputChecker()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TUTORIAL, flags=re.DOTALL | re.MULTILINE)
SAID = {i - 1: text for i, (kind, text) in enumerate(BLOCKS) if kind == "text"}  # of the block before


def command(kind, content):
    """A block as shell commands: yaml is written to the file that its first line names, text is output."""
    if kind == "yaml":
        name = content.splitlines()[0].removeprefix("# ")
        return f"cat > {name} <<'END OF BLOCK'\n{content}END OF BLOCK\n"
    if kind == "python":
        return f"python - <<'END OF BLOCK'\n{content}END OF BLOCK\n"
    return content if kind == "bash" else ""


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """What each block wrote to standard output, by its place in the page."""
    clone = tmp_path_factory.mktemp("clone")
    for name in WORKFLOW:
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy2)(ROOT / name, clone / name)
    (clone / ".venv").symlink_to(sys.prefix)
    script = "set -euo pipefail\n" + "".join(
        f"echo '{MARKER.format(i)}'\n{command(*block)}" for i, block in enumerate(BLOCKS)
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    found = subprocess.run(
        ["bash", "-c", script], cwd=clone, env=environment, capture_output=True, text=True, timeout=900
    )
    assert found.returncode == 0, found.stdout[-3000:] + found.stderr[-3000:]
    parts = re.split(MARKER.format(r"(\d+)") + "\n", found.stdout)
    return dict(zip(map(int, parts[1::2]), parts[2::2], strict=True))


@pytest.mark.timeout(960)
@pytest.mark.parametrize("block", SAID)
def test_a_block_prints_what_the_page_shows(outputs, block):
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    assert OUTPUT.check_output(SAID[block], outputs[block], flags), outputs[block]


def test_every_python_block_shows_what_it_prints():
    assert {i for i, (kind, _) in enumerate(BLOCKS) if kind == "python"} <= SAID.keys()
