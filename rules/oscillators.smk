"""A field of oscillators on an image: trajectory, synchrony, energy, spikes, defects, and what it is good for."""

from emergent_dynamics.oscillators import resources

FINDINGS["oscillators"] = resources.findings


include: "oscillators_figures.smk"


rule oscillators:
    input:
        summaries=targets("oscillators", "summary.json"),
        figures=targets("oscillators", *drawn(rules.oscillators_figures_motion))
        + plain("oscillators", *drawn(rules.oscillators_figures_time))
        + plain("oscillators", *drawn(rules.oscillators_figures_model), where=modelled)
        + plain(
            "oscillators", *drawn(rules.oscillators_figures_defects), where=finds("oscillators", "defects")
        )
        + plain(
            "oscillators", *drawn(rules.oscillators_figures_lyapunov), where=finds("oscillators", "lyapunov")
        )
        + plain("oscillators", *drawn(rules.oscillators_figures_ring), where=finds("oscillators", "ring"))
        + plain(
            "oscillators",
            *drawn(rules.oscillators_figures_recorded),
            where=lambda parameters: brought(parameters) and finds("oscillators", "energy")(parameters),
        )
        + plain(
            "oscillators", *drawn(rules.oscillators_figures_training), where=finds("oscillators", "training")
        ),


rule oscillators_simulate:
    output:
        trajectory=directory("results/oscillators/{experiment}/trajectory.zarr"),
    log:
        "logs/oscillators/{experiment}/simulate.log",
    retries: 2
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("oscillators", "mem_mb"),
        runtime=needed("oscillators", "runtime"),
        gpu=needed("oscillators", "gpus"),
    params:
        parameters=simulation("oscillators"),
        checkpoint=checkpoint("oscillators"),
        system="oscillators",
    message:
        "Oscillators of {wildcards.experiment}: simulation, or a recording of the user"
    script:
        "../workflow/scripts/simulate.py"


rule oscillators_order:
    input:
        trajectory="results/oscillators/{experiment}/trajectory.zarr",
    output:
        order="results/oscillators/{experiment}/analysis/order.csv",
        chimera="results/oscillators/{experiment}/analysis/chimera.csv",
        convergence="results/oscillators/{experiment}/analysis/convergence.csv",
        summary="results/oscillators/{experiment}/analysis/order.summary.json",
    log:
        "logs/oscillators/{experiment}/order.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("oscillators", "mem_mb"),
    params:
        analysis=analysis("oscillators", "local_radius", "settled"),
    message:
        "Synchrony of {wildcards.experiment}: of the field, its channels and windows"
    script:
        "../workflow/scripts/oscillators_order.py"


rule oscillators_energy:
    input:
        trajectory="results/oscillators/{experiment}/trajectory.zarr",
    output:
        energy="results/oscillators/{experiment}/analysis/energy.csv",
        summary="results/oscillators/{experiment}/analysis/energy.summary.json",
    log:
        "logs/oscillators/{experiment}/energy.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("oscillators", "mem_mb"),
    message:
        "Energy of {wildcards.experiment}: does it ever rise?"
    script:
        "../workflow/scripts/oscillators_energy.py"


rule oscillators_defects:
    input:
        trajectory="results/oscillators/{experiment}/trajectory.zarr",
    output:
        defects="results/oscillators/{experiment}/analysis/defects.csv",
        summary="results/oscillators/{experiment}/analysis/defects.summary.json",
    log:
        "logs/oscillators/{experiment}/defects.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("oscillators", "mem_mb"),
    message:
        "Vortices of {wildcards.experiment}, and whether their charge is conserved"
    script:
        "../workflow/scripts/oscillators_defects.py"


rule oscillators_ring:
    input:
        trajectory="results/oscillators/{experiment}/trajectory.zarr",
    output:
        ring="results/oscillators/{experiment}/analysis/ring.csv",
        profile="results/oscillators/{experiment}/analysis/profile.csv",
        summary="results/oscillators/{experiment}/analysis/ring.summary.json",
    log:
        "logs/oscillators/{experiment}/ring.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("oscillators", "mem_mb"),
    message:
        "Finding chimeras on the ring {wildcards.experiment} and comparing them with the published solution"
    script:
        "../workflow/scripts/oscillators_ring.py"


rule oscillators_spikes:
    input:
        trajectory="results/oscillators/{experiment}/trajectory.zarr",
    output:
        rates="results/oscillators/{experiment}/analysis/spikes.csv",
        units=directory("results/oscillators/{experiment}/analysis/spikes.zarr"),
        summary="results/oscillators/{experiment}/analysis/spikes.summary.json",
    log:
        "logs/oscillators/{experiment}/spikes.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("oscillators", "mem_mb"),
    message:
        "Spikes of {wildcards.experiment} as level and as events"
    script:
        "../workflow/scripts/oscillators_spikes.py"


rule oscillators_locking:
    input:
        trajectory="results/oscillators/{experiment}/trajectory.zarr",
    output:
        locking=directory("results/oscillators/{experiment}/analysis/locking.zarr"),
        histogram="results/oscillators/{experiment}/analysis/locking.csv",
        summary="results/oscillators/{experiment}/analysis/locking.summary.json",
    log:
        "logs/oscillators/{experiment}/locking.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("oscillators", "mem_mb"),
    message:
        "Phase locking in {wildcards.experiment}"
    script:
        "../workflow/scripts/oscillators_locking.py"


rule oscillators_projection:
    input:
        trajectory="results/oscillators/{experiment}/trajectory.zarr",
    output:
        projection=directory("results/oscillators/{experiment}/analysis/projection.zarr"),
        summary="results/oscillators/{experiment}/analysis/projection.summary.json",
    log:
        "logs/oscillators/{experiment}/projection.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("oscillators", "mem_mb"),
    params:
        analysis=analysis("oscillators", "projection"),
    message:
        "Pixels of {wildcards.experiment} in the plane of one basis"
    script:
        "../workflow/scripts/oscillators_projection.py"


rule oscillators_lyapunov:
    input:
        trajectory="results/oscillators/{experiment}/trajectory.zarr",
    output:
        lyapunov="results/oscillators/{experiment}/analysis/lyapunov.csv",
        summary="results/oscillators/{experiment}/analysis/lyapunov.summary.json",
    log:
        "logs/oscillators/{experiment}/lyapunov.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("oscillators", "lyapunov_mb"),
        runtime=needed("oscillators", "lyapunov_minutes"),
    params:
        analysis=analysis("oscillators", "lyapunov"),
    message:
        "Computing Lyapunov exponents of {wildcards.experiment}"
    script:
        "../workflow/scripts/oscillators_lyapunov.py"


rule oscillators_training:
    output:
        training="results/oscillators/{experiment}/analysis/training.csv",
        accuracy="results/oscillators/{experiment}/analysis/accuracy.csv",
        gain="results/oscillators/{experiment}/analysis/gain.csv",
        epochs="results/oscillators/{experiment}/analysis/epochs.csv",
        confusion="results/oscillators/{experiment}/analysis/confusion.csv",
        summary="results/oscillators/{experiment}/analysis/training.summary.json",
    log:
        "logs/oscillators/{experiment}/training.log",
    retries: 2
    conda:
        "../envs/torch.yaml"
    resources:
        mem_mb=needed("oscillators", "training_mb"),
        runtime=needed("oscillators", "training_minutes"),
    params:
        parameters=simulation("oscillators"),
        analysis=analysis("oscillators", "training"),
        checkpoint=checkpoint("oscillators", "training"),
    message:
        "Classification in {wildcards.experiment}: what the field gains over its controls"
    script:
        "../workflow/scripts/oscillators_training.py"
