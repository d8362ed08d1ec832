"""Groups of the tokens and what is found in them; every rule reads stores and writes tables."""


rule causal_groups:
    input:
        trajectory="results/causal/{experiment}/trajectory.zarr",
    output:
        groups=directory("results/causal/{experiment}/analysis/groups.zarr"),
    log:
        "logs/causal/{experiment}/groups.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("causal", "mem_mb"),
    params:
        analysis=analysis("causal", "gap"),
    message:
        "Groups of {wildcards.experiment}: connected components of chord below the gap"
    script:
        "../workflow/scripts/causal_groups.py"


rule causal_leaders:
    input:
        groups="results/causal/{experiment}/analysis/groups.zarr",
    output:
        leaders="results/causal/{experiment}/analysis/leaders.csv",
        summary="results/causal/{experiment}/analysis/leaders.summary.json",
    log:
        "logs/causal/{experiment}/leaders.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("causal", "mem_mb"),
    message:
        "Leaders of {wildcards.experiment}: the tokens that lead at the end, and their followers"
    script:
        "../workflow/scripts/causal_leaders.py"


rule causal_centres:
    input:
        trajectory="results/causal/{experiment}/trajectory.zarr",
        groups="results/causal/{experiment}/analysis/groups.zarr",
    output:
        centres="results/causal/{experiment}/analysis/centres.csv",
        centres_mean="results/causal/{experiment}/analysis/centres_mean.csv",
        summary="results/causal/{experiment}/analysis/centres.summary.json",
    log:
        "logs/causal/{experiment}/centres.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("causal", "mem_mb"),
    params:
        analysis=analysis("causal", "centres"),
    message:
        "Centres of {wildcards.experiment}: do Rényi and strong Rényi centres become the leaders?"
    script:
        "../workflow/scripts/causal_centres.py"


rule causal_thresholds:
    input:
        trajectory="results/causal/{experiment}/trajectory.zarr",
        groups="results/causal/{experiment}/analysis/groups.zarr",
    output:
        thresholds="results/causal/{experiment}/analysis/thresholds.csv",
        summary="results/causal/{experiment}/analysis/thresholds.summary.json",
    log:
        "logs/causal/{experiment}/thresholds.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("causal", "mem_mb"),
    message:
        "Thresholds of {wildcards.experiment}: from which separation on does a token lead?"
    script:
        "../workflow/scripts/causal_thresholds.py"


rule causal_counts:
    input:
        groups="results/causal/{experiment}/analysis/groups.zarr",
    output:
        counts="results/causal/{experiment}/analysis/counts.csv",
        summary="results/causal/{experiment}/analysis/counts.summary.json",
    log:
        "logs/causal/{experiment}/counts.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("causal", "mem_mb"),
    message:
        "Number of groups of {wildcards.experiment} over time"
    script:
        "../workflow/scripts/causal_counts.py"


rule causal_capture:
    input:
        trajectory="results/causal/{experiment}/trajectory.zarr",
    output:
        capture="results/causal/{experiment}/analysis/capture.csv",
        summary="results/causal/{experiment}/analysis/capture.summary.json",
    log:
        "logs/causal/{experiment}/capture.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("causal", "mem_mb"),
    params:
        analysis=analysis("causal", "capture", "gap"),
    message:
        "Capture in {wildcards.experiment}: the share of tokens near a centre"
    script:
        "../workflow/scripts/causal_capture.py"


rule causal_lineage:
    input:
        groups="results/causal/{experiment}/analysis/groups.zarr",
    output:
        lineage="results/causal/{experiment}/analysis/lineage.csv",
        summary="results/causal/{experiment}/analysis/lineage.summary.json",
    log:
        "logs/causal/{experiment}/lineage.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("causal", "mem_mb"),
    message:
        "Lineage of {wildcards.experiment}: births and merges of groups"
    script:
        "../workflow/scripts/causal_lineage.py"


rule causal_plateaus:
    input:
        trajectory="results/causal/{experiment}/trajectory.zarr",
        groups="results/causal/{experiment}/analysis/groups.zarr",
    output:
        plateaus="results/causal/{experiment}/analysis/plateaus.csv",
        summary="results/causal/{experiment}/analysis/plateaus.summary.json",
        lifetime="results/causal/{experiment}/analysis/lifetime.csv",
        collapse="results/causal/{experiment}/analysis/collapse.csv",
        stay="results/causal/{experiment}/analysis/stay.csv",
        survival="results/causal/{experiment}/analysis/survival.csv",
        lifetime_summary="results/causal/{experiment}/analysis/lifetime.summary.json",
    log:
        "logs/causal/{experiment}/plateaus.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("causal", "mem_mb"),
    params:
        analysis=analysis("causal", "gap"),
    message:
        "Plateaus of {wildcards.experiment} in its number of groups, and lifetimes of its groups"
    script:
        "../workflow/scripts/causal_plateaus.py"


rule causal_order:
    input:
        trajectory="results/causal/{experiment}/trajectory.zarr",
    output:
        frames=directory("results/causal/{experiment}/analysis/order.zarr"),
        order="results/causal/{experiment}/analysis/order.csv",
        summary="results/causal/{experiment}/analysis/order.summary.json",
    log:
        "logs/causal/{experiment}/order.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("causal", "mem_mb"),
    message:
        "Order parameters of {wildcards.experiment}"
    script:
        "../workflow/scripts/causal_order.py"


rule causal_limits:
    input:
        trajectory="results/causal/{experiment}/trajectory.zarr",
    output:
        limits="results/causal/{experiment}/analysis/limits.csv",
        summary="results/causal/{experiment}/analysis/limits.summary.json",
    log:
        "logs/causal/{experiment}/limits.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("causal", "mem_mb"),
    message:
        "Limits of {wildcards.experiment}: where the eigenvalues of V send the tokens"
    script:
        "../workflow/scripts/causal_limits.py"


rule causal_heads:
    input:
        trajectory="results/causal/{experiment}/trajectory.zarr",
    output:
        heads="results/causal/{experiment}/analysis/heads.csv",
        summary="results/causal/{experiment}/analysis/heads.summary.json",
    log:
        "logs/causal/{experiment}/heads.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("causal", "mem_mb"),
    message:
        "Heads of {wildcards.experiment}: what each attends to, and whether they agree"
    script:
        "../workflow/scripts/causal_heads.py"
