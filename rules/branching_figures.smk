"""Figures and films of the branching network."""


rule branching_figures:
    input:
        trajectory="results/branching/{experiment}/trajectory.zarr",
        avalanches="results/branching/{experiment}/analysis/avalanches.csv",
        information="results/branching/{experiment}/analysis/information.csv",
        curve="results/branching/{experiment}/analysis/information_curve.csv",
        ratio="results/branching/{experiment}/analysis/ratio.csv",
        response="results/branching/{experiment}/analysis/response.csv",
        response_curves="results/branching/{experiment}/analysis/response_curves.csv",
        graph="results/branching/{experiment}/analysis/graph.csv",
        graph_curves="results/branching/{experiment}/analysis/graph_curves.csv",
    output:
        distributions=report(
            "results/branching/{experiment}/figures/distributions.svg",
            caption="../workflow/report/branching_distributions.rst",
            category="Branching network",
            subcategory="{experiment}",
            labels={"figure": "avalanche sizes and durations"},
        ),
        collapse=report(
            "results/branching/{experiment}/figures/collapse.svg",
            caption="../workflow/report/branching_collapse.rst",
            category="Branching network",
            subcategory="{experiment}",
            labels={"figure": "avalanche shapes"},
        ),
        information=report(
            "results/branching/{experiment}/figures/information.svg",
            caption="../workflow/report/branching_information.rst",
            category="Branching network",
            subcategory="{experiment}",
            labels={"figure": "information"},
        ),
        guessing=report(
            "results/branching/{experiment}/figures/guessing.svg",
            caption="../workflow/report/branching_guessing.rst",
            category="Branching network",
            subcategory="{experiment}",
            labels={"figure": "guessing game, in and out"},
        ),
        ratio=report(
            "results/branching/{experiment}/figures/ratio.svg",
            caption="../workflow/report/branching_ratio.rst",
            category="Branching network",
            subcategory="{experiment}",
            labels={"figure": "branching ratio"},
        ),
        response=report(
            "results/branching/{experiment}/figures/response.svg",
            caption="../workflow/report/branching_response.rst",
            category="Branching network",
            subcategory="{experiment}",
            labels={"figure": "response"},
        ),
        graph=report(
            "results/branching/{experiment}/figures/graph.svg",
            caption="../workflow/report/branching_graph.rst",
            category="Branching network",
            subcategory="{experiment}",
            labels={"figure": "recurrent graph"},
        ),
    log:
        "logs/branching/{experiment}/figures.log",
    benchmark:
        "logs/branching/{experiment}/figures.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=needed("branching", "mem_mb"),
        runtime=10,
    params:
        code=code("branching_figures"),
    message:
        "Figures of {wildcards.experiment}"
    script:
        "../workflow/scripts/branching_figures.py"


rule branching_films:
    input:
        film="results/branching/{experiment}/analysis/film.zarr",
    output:
        activity="results/branching/{experiment}/figures/activity.mp4",
        guessing_game="results/branching/{experiment}/figures/guessing_game.mp4",
        rearrangement="results/branching/{experiment}/figures/rearrangement.mp4",
        activity_page=report(
            "results/branching/{experiment}/figures/activity.html",
            caption="../workflow/report/branching_activity.rst",
            category="Branching network",
            subcategory="{experiment}",
            labels={"figure": "activity, film"},
        ),
        guessing_game_page=report(
            "results/branching/{experiment}/figures/guessing_game.html",
            caption="../workflow/report/branching_guessing_game.rst",
            category="Branching network",
            subcategory="{experiment}",
            labels={"figure": "guessing game, film"},
        ),
        rearrangement_page=report(
            "results/branching/{experiment}/figures/rearrangement.html",
            caption="../workflow/report/branching_rearrangement.rst",
            category="Branching network",
            subcategory="{experiment}",
            labels={"figure": "rearrangement, film"},
        ),
    log:
        "logs/branching/{experiment}/films.log",
    benchmark:
        "logs/branching/{experiment}/films.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=20,
    params:
        analysis=analysis("branching", "film", "smoothing"),
        code=code("branching_films"),
    message:
        "Films of {wildcards.experiment}: activity, guessing game, rearrangement"
    script:
        "../workflow/scripts/branching_films.py"
