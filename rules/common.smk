"""What every rules file needs: the experiments, and the parameters and code of a rule. The logic is in the library."""

from emergent_dynamics.config import ConfigError, code_sha256, load

SCRIPTS = Path(workflow.basedir) / "workflow" / "scripts"

try:
    EXPERIMENTS = load(config, [*workflow.configfiles, *workflow.overwrite_configfiles])
except ConfigError as error:
    raise WorkflowError(str(error)) from None


wildcard_constraints:
    experiment=r"[^/]+(/[^/]+=[^/]+)?",


def simulation(system):
    """Parameters that decide the trajectory; changing another one simulates nothing again."""
    return lambda wildcards: EXPERIMENTS.simulation(system, wildcards.experiment)


def analysis(system, *keys):
    """The named parameters of an experiment; a rule reruns when one of these changes."""
    return lambda wildcards: EXPERIMENTS.analysis(system, wildcards.experiment, keys)


def code(rule):
    """Content hash of the rule's script and of exactly the modules that it imports."""
    return code_sha256(SCRIPTS / f"{rule}.py")


def targets(system, *paths):
    """The paths of every experiment of a system."""
    folders = [f"results/{system}/{name}" for name in EXPERIMENTS.names(system)]
    return [f"{folder}/{path}" for folder in folders for path in paths]


def captions():
    """The report's texts, so that changing one redraws the report and nothing else."""
    return sorted(str(path) for path in (Path(workflow.basedir) / "workflow" / "report").glob("*.rst"))


def discard_checkpoints():
    """Delete the resume state of experiments whose trajectory is published."""
    from emergent_dynamics.driver.housekeeping import discard_published

    discard_published("results")
