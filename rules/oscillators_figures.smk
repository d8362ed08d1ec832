"""Figures of the oscillator experiments."""


rule oscillators_figures_time:
    input:
        trajectory="results/oscillators/{experiment}/trajectory.zarr",
        order="results/oscillators/{experiment}/analysis/order.csv",
        energy="results/oscillators/{experiment}/analysis/energy.csv",
        spikes="results/oscillators/{experiment}/analysis/spikes.csv",
        defects="results/oscillators/{experiment}/analysis/defects.csv",
        histogram="results/oscillators/{experiment}/analysis/locking.csv",
        locking="results/oscillators/{experiment}/analysis/locking.zarr",
    output:
        order=report(
            "results/oscillators/{experiment}/figures/order.svg",
            caption="../workflow/report/oscillators_order.rst",
            category="Oscillator field",
            subcategory="{experiment}",
            labels={"figure": "synchrony"},
        ),
        energy=report(
            "results/oscillators/{experiment}/figures/energy.svg",
            caption="../workflow/report/oscillators_energy.rst",
            category="Oscillator field",
            subcategory="{experiment}",
            labels={"figure": "energy"},
        ),
        spikes=report(
            "results/oscillators/{experiment}/figures/spikes.svg",
            caption="../workflow/report/oscillators_spikes.rst",
            category="Oscillator field",
            subcategory="{experiment}",
            labels={"figure": "spikes"},
        ),
        defects=report(
            "results/oscillators/{experiment}/figures/defects.svg",
            caption="../workflow/report/oscillators_defects.rst",
            category="Oscillator field",
            subcategory="{experiment}",
            labels={"figure": "defects"},
        ),
        locking=report(
            "results/oscillators/{experiment}/figures/locking.svg",
            caption="../workflow/report/oscillators_locking.rst",
            category="Oscillator field",
            subcategory="{experiment}",
            labels={"figure": "phase locking"},
        ),
    log:
        "logs/oscillators/{experiment}/figures_time.log",
    benchmark:
        "logs/oscillators/{experiment}/figures_time.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=needed("oscillators", "mem_mb"),
        runtime=20,
    params:
        analysis=analysis("oscillators", "settled"),
        code=code("oscillators_figures_time"),
    message:
        "Synchrony, energy, spikes, defects and locking of {wildcards.experiment}, drawn"
    script:
        "../workflow/scripts/oscillators_figures_time.py"


rule oscillators_figures_motion:
    input:
        trajectory="results/oscillators/{experiment}/trajectory.zarr",
        projection="results/oscillators/{experiment}/analysis/projection.zarr",
    output:
        phase="results/oscillators/{experiment}/figures/phase.mp4",
        phase_page=report(
            "results/oscillators/{experiment}/figures/phase.html",
            caption="../workflow/report/oscillators_phase.rst",
            category="Oscillator field",
            subcategory="{experiment}",
            labels={"figure": "film of phases"},
        ),
        spike="results/oscillators/{experiment}/figures/spike.mp4",
        spike_page=report(
            "results/oscillators/{experiment}/figures/spike.html",
            caption="../workflow/report/oscillators_spike.rst",
            category="Oscillator field",
            subcategory="{experiment}",
            labels={"figure": "film of spikes"},
        ),
        viewer=report(
            "results/oscillators/{experiment}/figures/viewer.html",
            caption="../workflow/report/oscillators_viewer.rst",
            category="Oscillator field",
            subcategory="{experiment}",
            labels={"figure": "viewer with a time slider"},
        ),
        trajectories=report(
            "results/oscillators/{experiment}/figures/trajectories.html",
            caption="../workflow/report/oscillators_trajectories.rst",
            category="Oscillator field",
            subcategory="{experiment}",
            labels={"figure": "pixels in the plane"},
        ),
    log:
        "logs/oscillators/{experiment}/figures_motion.log",
    benchmark:
        "logs/oscillators/{experiment}/figures_motion.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=needed("oscillators", "mem_mb", ENCODER_MB),
        runtime=20,
    params:
        analysis=analysis("oscillators", "projection"),
        code=code("oscillators_figures_motion"),
    message:
        "Films and viewers of {wildcards.experiment}"
    script:
        "../workflow/scripts/oscillators_figures_motion.py"


rule oscillators_figures_training:
    input:
        accuracy="results/oscillators/{experiment}/analysis/accuracy.csv",
        gain="results/oscillators/{experiment}/analysis/gain.csv",
        confusion="results/oscillators/{experiment}/analysis/confusion.csv",
        epochs="results/oscillators/{experiment}/analysis/epochs.csv",
    output:
        accuracy=report(
            "results/oscillators/{experiment}/figures/accuracy.svg",
            caption="../workflow/report/oscillators_accuracy.rst",
            category="Oscillator field",
            subcategory="{experiment}",
            labels={"figure": "accuracy and gain"},
        ),
        confusion=report(
            "results/oscillators/{experiment}/figures/confusion.svg",
            caption="../workflow/report/oscillators_confusion.rst",
            category="Oscillator field",
            subcategory="{experiment}",
            labels={"figure": "confusion"},
        ),
        epochs=report(
            "results/oscillators/{experiment}/figures/epochs.svg",
            caption="../workflow/report/oscillators_epochs.rst",
            category="Oscillator field",
            subcategory="{experiment}",
            labels={"figure": "losses per epoch"},
        ),
        gain=report(
            "results/oscillators/{experiment}/figures/gain.html",
            caption="../workflow/report/oscillators_gain.rst",
            category="Oscillator field",
            subcategory="{experiment}",
            labels={"figure": "table of gains"},
        ),
    log:
        "logs/oscillators/{experiment}/figures_training.log",
    benchmark:
        "logs/oscillators/{experiment}/figures_training.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=600,
        runtime=20,
    params:
        code=code("oscillators_figures_training"),
    message:
        "Accuracy and gain of {wildcards.experiment}, drawn"
    script:
        "../workflow/scripts/oscillators_figures_training.py"


rule oscillators_sweep:
    input:
        summaries=lambda wildcards: swept(
            "oscillators", wildcards.experiment, "summary.json"
        ),
        trajectories=lambda wildcards: swept(
            "oscillators", wildcards.experiment, "trajectory.zarr"
        ),
    output:
        sweep="results/oscillators/{experiment}/analysis/sweep.csv",
        stationary="results/oscillators/{experiment}/analysis/stationary.csv",
        summary="results/oscillators/{experiment}/analysis/sweep.summary.json",
        comparison=report(
            "results/oscillators/{experiment}/figures/comparison.svg",
            caption="../workflow/report/oscillators_comparison.rst",
            category="Oscillator field",
            subcategory="{experiment}",
            labels={"figure": "members of the sweep"},
        ),
    log:
        "logs/oscillators/{experiment}/sweep.log",
    benchmark:
        "logs/oscillators/{experiment}/sweep.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=600,
        runtime=20,
    params:
        code=code("oscillators_sweep"),
    message:
        "Members of the sweep {wildcards.experiment} side by side"
    script:
        "../workflow/scripts/oscillators_sweep.py"
