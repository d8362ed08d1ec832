"""Figures of the oscillator experiments."""


rule oscillators_figures_time:
    input:
        trajectory="results/oscillators/{experiment}/trajectory.zarr",
        order="results/oscillators/{experiment}/analysis/order.csv",
        convergence="results/oscillators/{experiment}/analysis/convergence.csv",
        histogram="results/oscillators/{experiment}/analysis/locking.csv",
        locking="results/oscillators/{experiment}/analysis/locking.zarr",
    output:
        order=figure("results/oscillators/{experiment}/figures/order.svg", "synchrony"),
        locking=figure("results/oscillators/{experiment}/figures/locking.svg", "phase locking"),
    log:
        "logs/oscillators/{experiment}/figures_time.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("oscillators", "mem_mb"),
    params:
        analysis=analysis("oscillators", "settled"),
    message:
        "Figures of {wildcards.experiment}: synchrony and locking"
    script:
        "../workflow/scripts/oscillators_figures_time.py"


rule oscillators_figures_defects:
    input:
        defects="results/oscillators/{experiment}/analysis/defects.csv",
    output:
        defects=figure("results/oscillators/{experiment}/figures/defects.svg", "defects"),
    log:
        "logs/oscillators/{experiment}/figures_defects.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("oscillators", "mem_mb"),
    params:
        analysis=analysis("oscillators", "source", "recording"),
    message:
        "Figures of {wildcards.experiment}: vortices"
    script:
        "../workflow/scripts/oscillators_figures_defects.py"


rule oscillators_figures_ring:
    input:
        trajectory="results/oscillators/{experiment}/trajectory.zarr",
        ring="results/oscillators/{experiment}/analysis/ring.csv",
        profile="results/oscillators/{experiment}/analysis/profile.csv",
    output:
        ring=figure("results/oscillators/{experiment}/figures/ring.svg", "chimera on a ring"),
    log:
        "logs/oscillators/{experiment}/figures_ring.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("oscillators", "mem_mb"),
    message:
        "Drawing the ring of {wildcards.experiment}"
    script:
        "../workflow/scripts/oscillators_figures_ring.py"


rule oscillators_figures_lyapunov:
    input:
        lyapunov="results/oscillators/{experiment}/analysis/lyapunov.csv",
    output:
        lyapunov=figure("results/oscillators/{experiment}/figures/lyapunov.svg", "Lyapunov exponents"),
    log:
        "logs/oscillators/{experiment}/figures_lyapunov.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=600,
    message:
        "Drawing Lyapunov exponents of {wildcards.experiment}"
    script:
        "../workflow/scripts/oscillators_figures_lyapunov.py"


rule oscillators_figures_recorded:
    input:
        energy="results/oscillators/{experiment}/analysis/energy.csv",
    output:
        energy=figure("results/oscillators/{experiment}/figures/recorded_energy.svg", "energy"),
    log:
        "logs/oscillators/{experiment}/figures_recorded.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("oscillators", "mem_mb"),
    params:
        analysis=analysis("oscillators", "recording"),
    message:
        "Figures of the recording {wildcards.experiment}: energy"
    script:
        "../workflow/scripts/oscillators_figures_recorded.py"


rule oscillators_figures_model:
    input:
        trajectory="results/oscillators/{experiment}/trajectory.zarr",
        energy="results/oscillators/{experiment}/analysis/energy.csv",
        spikes="results/oscillators/{experiment}/analysis/spikes.csv",
        projection="results/oscillators/{experiment}/analysis/projection.zarr",
    output:
        energy=figure("results/oscillators/{experiment}/figures/energy.svg", "energy"),
        spikes=figure("results/oscillators/{experiment}/figures/spikes.svg", "spikes"),
        spike="results/oscillators/{experiment}/figures/spike.mp4",
        spike_page=figure("results/oscillators/{experiment}/figures/spike.html", "film of spikes"),
        trajectories=figure(
            "results/oscillators/{experiment}/figures/trajectories.html",
            "pixels in the plane",
        ),
    log:
        "logs/oscillators/{experiment}/figures_model.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("oscillators", "mem_mb", ENCODER_MB),
    params:
        analysis=analysis("oscillators", "projection"),
    message:
        "Figures of {wildcards.experiment}: energy, spikes, and pixels in the plane"
    script:
        "../workflow/scripts/oscillators_figures_model.py"


rule oscillators_figures_motion:
    input:
        trajectory="results/oscillators/{experiment}/trajectory.zarr",
    output:
        phase="results/oscillators/{experiment}/figures/phase.mp4",
        phase_page=figure("results/oscillators/{experiment}/figures/phase.html", "film of phases"),
        viewer=figure(
            "results/oscillators/{experiment}/figures/viewer.html",
            "viewer with a time slider",
        ),
    log:
        "logs/oscillators/{experiment}/figures_motion.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("oscillators", "mem_mb", ENCODER_MB),
    message:
        "Film and viewer of {wildcards.experiment}"
    script:
        "../workflow/scripts/oscillators_figures_motion.py"


rule oscillators_figures_training:
    input:
        accuracy="results/oscillators/{experiment}/analysis/accuracy.csv",
        gain="results/oscillators/{experiment}/analysis/gain.csv",
        confusion="results/oscillators/{experiment}/analysis/confusion.csv",
        epochs="results/oscillators/{experiment}/analysis/epochs.csv",
    output:
        accuracy=figure(
            "results/oscillators/{experiment}/figures/accuracy.svg",
            "accuracy and gain",
        ),
        confusion=figure("results/oscillators/{experiment}/figures/confusion.svg", "confusion"),
        epochs=figure("results/oscillators/{experiment}/figures/epochs.svg", "losses per epoch"),
        gain=figure("results/oscillators/{experiment}/figures/gain.html", "table of gains"),
    log:
        "logs/oscillators/{experiment}/figures_training.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=600,
    message:
        "Figures of {wildcards.experiment}: accuracy and gain"
    script:
        "../workflow/scripts/oscillators_figures_training.py"
