"""What every rules file needs: the experiments, and the parameters and code of a rule. The logic is in the library."""

from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec

from snakemake.io import flag, is_flagged

from emergent_dynamics.config import ConfigError, code_sha256, load, typed
from emergent_dynamics.plotting.report import LEFT_OUT, named
from emergent_dynamics.runtime import capacity

SNAKEMAKE_MB = 270  # of a cluster's job: Snakemake around the job and around its step, 2 x 135
ENCODER_MB = 200  # FFmpeg beside a job that writes films; 182 was the most
SCRIPTS = HERE / "workflow" / "scripts"

CONFIGFILES = list(dict.fromkeys([*workflow.configfiles, *workflow.overwrite_configfiles]))

try:
    EXPERIMENTS = load(typed(config, CONFIGFILES), CONFIGFILES)
except ConfigError as error:
    sys.exit(str(error))  # one line; a WorkflowError would print two more


# {"<system>/<stem>": name of a figure}, to which `figure` adds
LABELS = {}

# what the report leaves out since it would be too large, as <system>/<file name>; its first page says so
UNSHOWN = named()
if UNSHOWN:
    config["left_out"] = UNSHOWN

# {system: the findings of one experiment, or a function of its parameters that returns them}, to which each rules file adds
FINDINGS = {}


wildcard_constraints:
    experiment=r"[^/]+(/[^/]+=[^/]+)?",


def simulation(system):
    """Parameters that decide the trajectory; changing another one simulates nothing again."""
    return lambda wildcards: EXPERIMENTS.simulation(system, wildcards.experiment)


def analysis(system, *keys):
    """The named parameters of an experiment; a rule reruns when one of these changes."""
    return lambda wildcards: EXPERIMENTS.analysis(system, wildcards.experiment, keys)


def checkpoint(system, *parts):
    """Where an experiment's resume state lies: in .checkpoints beside the systems' results, also under a module's prefix."""

    def folder(wildcards, output):
        results = str(output[0]).split(f"{system}/{wildcards.experiment}/")[0]
        return str(Path(f"{results}.checkpoints", system, wildcards.experiment, *parts))

    return folder


def around():
    """MB of Snakemake inside a job: none where this process starts the job itself."""
    return 0 if workflow.local_exec and workflow.is_main_process else SNAKEMAKE_MB


def needed(system, resource, extra=0):
    """What the room's `resources` say of an experiment, and `extra`: MB or minutes (more on each attempt), or GPUs."""
    estimate = getattr(import_module(f"emergent_dynamics.{system}.resources"), resource)

    def largest(wildcards):
        members = EXPERIMENTS.members(system, wildcards.experiment)
        found = [estimate(EXPERIMENTS.parameters(system, name)) for name in members]
        return max(found) + extra + (around() if resource.endswith("_mb") else 0)

    if resource == "gpus":
        return largest
    return lambda wildcards, attempt: attempt * largest(wildcards)


def hash_code(jobs):
    """Parameter `code` of all our rules: the content hash of a script and of exactly the modules that it imports.

    A job reruns when its hash changes, which is computed for planned jobs only. The script that simulates imports a
    room by name, so the hash of its rules is that of the simulation of their parameter `system`.
    """
    for job in jobs:
        if Path(str(job.snakefile)).parent == HERE / "rules" and job.script:
            system = getattr(job.params, "system", None)
            room = system and f"emergent_dynamics.{system}.simulation"
            computed = cache(partial(code_sha256, room or SCRIPTS / Path(job.script).name))
            job.set_params(code=lambda wildcards, computed=computed: computed())


def refuse_what_cannot_fit(plan):
    """End with one line if a job asks for more memory than this machine, or a Slurm profile's largest partition, has."""
    asked = {}
    for job in plan.dag.needrun_jobs():
        name = " ".join([job.rule.name, *job.wildcards_dict.values()])
        asked[name] = max(asked.get(name, 0), job.resources.get("mem_mb", 0))
    partitions = getattr(plan.executor_settings, "partition_config", None)
    try:
        if plan.local_exec:
            capacity.refuse(asked, capacity.of_this_machine(), "this machine")
        elif partitions:
            capacity.refuse(asked, capacity.of_largest_partition(Path(partitions)), "the largest partition")
    except capacity.TooLarge as error:
        sys.exit(str(error))


def start_jobs_at_once(plan):
    """Take away Snakemake's default limit of 100 jobs per second, unless another was asked for.

    With a limit, every look for new work is repeated once in the limit's time, for ever, and so is every repetition:
    after 600 jobs Snakemake looked 117 times per second, which took 40 % of a core (profiled), and it ends only after
    the last of these timers.
    """
    limit = plan.scheduling_settings.max_jobs_per_timespan
    if limit and (limit.max_jobs, limit.timespan) == (100, 1):
        plan.scheduler.job_rate_limiter = None


def declarations(wildcards):
    """Content hash of what each system says of itself on the front page, which finds it by name."""
    rooms = [f"emergent_dynamics.{system}" for system in EXPERIMENTS.systems]
    declared = [room if find_spec(f"{room}.front") is None else f"{room}.front" for room in rooms]
    return [code_sha256(name) for name in declared]


def targets(system, *paths, where=lambda parameters: True):
    """The paths of every experiment of a system whose parameters satisfy `where`."""
    names = [name for name in EXPERIMENTS.names(system) if where(EXPERIMENTS.parameters(system, name))]
    return [f"results/{system}/{name}/{path}" for name in names for path in paths]


def drawn(*drawing):
    """The figures that rules draw for an experiment, as the report shows them: the page of a film, not its file."""
    outputs = [path for drawer in drawing for path in drawer.rule.output]
    paths = [Path(path) for path in outputs if is_flagged(path, "report") or is_flagged(path, LEFT_OUT)]
    return [f"figures/{path.name}" for path in paths]


def plain(system, *paths, **condition):
    """The paths of every experiment of a system that is no member of a sweep; members are compared, not drawn."""
    return [path for path in targets(system, *paths, **condition) if "=" not in path]


def modelled(parameters):
    """Whether an experiment is simulated, and not data that somebody brought."""
    return parameters["source"] == "model"


def brought(parameters):
    """Whether an experiment is data that somebody brought."""
    return not modelled(parameters)


def sweeps(system, *paths, varied=None):
    """The paths of every sweep of a system, or of those whose members differ in the parameter `varied`."""
    groups = EXPERIMENTS.groups(system)
    if varied:
        values = {
            sweep: {str(EXPERIMENTS.parameters(system, member)[varied]) for member in members}
            for sweep, members in groups.items()
        }
        groups = [sweep for sweep, found in values.items() if len(found) > 1]
    return [f"results/{system}/{sweep}/{path}" for sweep in groups for path in paths]


def swept(system, sweep, path):
    """The path of every member of one sweep."""
    members = EXPERIMENTS.members(system, sweep)
    return [f"results/{system}/{member}/{path}" for member in members]


def findings(system, parameters):
    """The findings of an experiment; a path names one that several experiments share."""
    names = FINDINGS[system]
    return names(parameters) if callable(names) else names


def finds(system, finding):
    """Whether an experiment has a finding, as `where` of targets."""
    return lambda parameters: finding in findings(system, parameters)


def summaries(wildcards):
    """The summary of every finding of one experiment."""
    folder = f"results/{wildcards.system}/{wildcards.experiment}/analysis"
    parameters = EXPERIMENTS.parameters(wildcards.system, wildcards.experiment)
    return [
        name if name.endswith(".json") else f"{folder}/{name}.summary.json"
        for name in findings(wildcards.system, parameters)
    ]


def figure(path, label, caption=None):
    """An output that the report shows, for papers also as PDF; its caption is workflow/report/<system>_<stem>.rst."""
    system = path.split("/")[1]
    LABELS[f"{system}/{Path(path).stem}"] = label
    if f"{system}/{Path(path).name}" in UNSHOWN:
        return flag(path, LEFT_OUT)
    shown = report(
        path,
        caption=f"../workflow/report/{system}_{caption or Path(path).stem}.rst",
        category=EXPERIMENTS.titles[system],
        subcategory="{experiment}",
        labels={"figure": label},
    )
    if not config.get("papers") or not path.endswith(".svg"):
        return shown
    return [shown, *(path.replace(".svg", f"-{width}mm.pdf") for width in (180, 85))]


def captions():
    """The report's texts, so that changing one redraws the report and nothing else."""
    return sorted(str(path) for path in (HERE / "workflow" / "report").glob("*.rst"))
