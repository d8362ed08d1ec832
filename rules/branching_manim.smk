"""Optional: the rearrangement film drawn by Manim. Nothing asks for it; ask for its output by name, with conda:

snakemake --sdm conda results/branching/network/figures/rearrangement_manim.mp4
"""


rule branching_manim:
    input:
        film="results/branching/{experiment}/analysis/film.zarr",
    output:
        film="results/branching/{experiment}/figures/rearrangement_manim.mp4",
    log:
        "logs/branching/{experiment}/manim.log",
    conda:
        "../envs/manim.yaml"
    resources:
        mem_mb=2000,
    params:
        analysis=analysis("branching", "film", "smoothing"),
    message:
        "Film of {wildcards.experiment} by Manim: a graph falls into layers"
    script:
        "../workflow/scripts/branching_manim.py"
