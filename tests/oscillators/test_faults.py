"""A classification killed with SIGKILL at any moment ends with the table of an unbroken one."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from emergent_dynamics.oscillators import classification

SCRIPTS = Path(classification.__file__).parents[2]
JOB = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import torch
from emergent_dynamics.config import schema
from emergent_dynamics.oscillators import classification
torch.set_num_threads(1)
classification.KEEP_SECONDS = 0
config = schema.resolve(schema.read_schemas()[1]["oscillators"], {
    "height": 10, "width": 10, "channels": 2, "steps": 40,
    "training": {"images": 300, "splits": 2, "noise": [0, 0.5], "blur": [1], "epochs": 12, "patience": 12}})
rows = classification.run(config, classification.Ledger(Path(sys.argv[2]), "x"))
Path(sys.argv[2], "end.json").write_text(json.dumps(rows))
"""


def start(folder: Path) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", JOB, str(SCRIPTS), str(folder)])


def progress(folder: Path) -> tuple[int, int]:
    """Finished cells, and the time stamp of the running head's last kept epoch."""
    rows, state = folder / "training.json", folder / "training.pt"
    cells = len(json.loads(rows.read_text())["rows"]) if rows.exists() else 0
    try:
        return cells, state.stat().st_mtime_ns
    except FileNotFoundError:
        return cells, 0


@pytest.mark.faults
def test_a_killed_training_ends_with_the_same_table(tmp_path):
    """Six kills -9, each as soon as more was kept than at the one before: no row differs in a bit, none is lost."""
    assert start(tmp_path / "whole").wait(900) == 0
    broken, kills = tmp_path / "broken", 0
    while True:
        before = progress(broken)
        job = start(broken)
        while kills < 6 and job.poll() is None and progress(broken) <= before:
            time.sleep(0.001)
        if job.poll() is None and kills < 6:
            job.send_signal(signal.SIGKILL)
            assert job.wait() == -signal.SIGKILL
            kills += 1
            assert not (broken / "end.json").exists()
            continue
        assert job.wait(900) == 0
        break
    assert kills == 6
    assert (broken / "end.json").read_bytes() == (tmp_path / "whole" / "end.json").read_bytes()
