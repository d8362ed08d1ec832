"""Snakemake's report of the run that this job belongs to: a second Snakemake, which only reads."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from emergent_dynamics.runtime import job
from emergent_dynamics.plotting import page, report

with job.logged(snakemake), tempfile.TemporaryDirectory() as folder:
    if too_large := page.refused(snakemake.input):
        raise ValueError("; ".join(too_large))
    config = Path(folder) / "config.json"
    config.write_text(json.dumps(snakemake.config))
    without = {report.VARIABLE: " ".join(report.left_out(snakemake.input))}
    command = [sys.executable, "-m", "snakemake", "--snakefile", snakemake.params.snakefile, "--nolock"]
    command += ["--configfile", config, "--report", snakemake.output.report]
    found = subprocess.run(
        command, env=os.environ | without, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    sys.stderr.write(found.stdout)
    if found.returncode:
        raise ValueError(f"snakemake --report failed: {found.stdout.strip().splitlines()[-1]}")
