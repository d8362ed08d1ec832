"""emergent-dynamics: five systems of many interacting units, from a configuration to one report."""

import sys
from pathlib import Path

from snakemake.utils import min_version

min_version("9.20")
HERE = Path(workflow.current_basedir).resolve()  # also as a module of another workflow
sys.path.insert(0, str(HERE / "workflow" / "scripts"))

from emergent_dynamics.config import ConfigError
from emergent_dynamics.config.syntax import refuse

##### Configuration: a --configfile replaces config/config.yaml and is not merged with it #####

if not workflow.overwrite_configfiles:
    default = Path("config/config.yaml")
    default = default if default.exists() else HERE / default
    try:
        refuse(default)
    except ConfigError as error:
        sys.exit(str(error))  # one line; Snakemake prints two, which name neither file nor line

    configfile: str(default)


report: "workflow/report/workflow.rst"


##### Rules #####


include: "rules/common.smk"


for system in EXPERIMENTS.systems:

    include: f"rules/{system}.smk"


include: "rules/atlas.smk"
include: "rules/report.smk"


hash_code(workflow.rules)


##### Target #####


rule all:
    default_target: True
    input:
        "results/index.html",
        "results/report.html",


##### A job that cannot fit is refused before any runs; those that can start as soon as a core is free #####


onstart:
    refuse_what_cannot_fit(workflow)
    start_jobs_at_once(workflow)


##### A finished experiment keeps only what a longer run continues from #####


onsuccess:
    from emergent_dynamics.driver.housekeeping import tidy_published

    tidy_published("results")
