"""A million genomes: the phylogeny of one finished run by this project's code, by phylotrackpy and by tskit.

    snakemake --cores 2 --configfile config/seeds.yaml results/nca/.../trajectory.zarr
    PYTHONPATH=workflow/scripts python performance/nca_phylogeny.py results/nca/.../trajectory.zarr

Each in a process of its own, from the same arrays (parent, birth and last generation of every genome of run 0): prune
to the living and their ancestors, and write the alife CSV. Printed: process CPU seconds, and the peak of memory beyond
what the arrays and imports take. A library that is not installed is left out. phylotrackpy is given births and deaths
in the order of the generations, as a simulation would, a taxon per genome. All three must find as many living genomes
and as many ancestors.
"""

import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np

WAYS = ("here", "phylotrackpy", "tskit")


def family(path: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """parent, birth and last (genome + 1,) of run 0, and the last generation."""
    from emergent_dynamics.nca import archive, descent

    trajectory = archive.read(path)
    found, _ = descent.read(trajectory.frames, trajectory.log, 0)
    return found.parent, found.birth, found.last, found.generations


def here(parent: np.ndarray, birth: np.ndarray, last: np.ndarray, end: int, csv: Path) -> tuple[int, int]:
    from emergent_dynamics.nca import descent

    tree = descent.prune(descent.Descent(parent, birth, np.zeros_like(parent), last, end))
    descent.alife(tree).to_csv(csv, index=False)
    return int((tree.last == end).sum()), tree.genome.size


def phylotrackpy(
    parent: np.ndarray, birth: np.ndarray, last: np.ndarray, end: int, csv: Path
) -> tuple[int, int]:
    from phylotrackpy import systematics

    found = systematics.Systematics(lambda genome: str(genome))
    genomes = np.flatnonzero(last >= 0)
    order = genomes[np.argsort(last[genomes], kind="stable")]
    taxa: dict[int, object] = {}
    gone = 0
    for genome in genomes.tolist():
        while (
            last[order[gone]] + 1 < birth[genome]
        ):  # a parent may be replaced in the generation of the birth
            found.remove_org(taxa.pop(int(order[gone])))
            gone += 1
        above = taxa.get(int(parent[genome]))
        taxa[genome] = found.add_org(genome, above) if above is not None else found.add_org(genome)
    while gone < order.size and last[order[gone]] < end:
        found.remove_org(taxa.pop(int(order[gone])))
        gone += 1
    found.snapshot(str(csv))
    return found.get_num_active(), found.get_num_taxa()


def tskit(parent: np.ndarray, birth: np.ndarray, last: np.ndarray, end: int, csv: Path) -> tuple[int, int]:
    import tskit

    tables = tskit.TableCollection(1.0)
    n = parent.size  # node 0 stands for the empty net and is nobody's parent
    alive = (last == end).astype(np.uint32)
    # A child of the same generation is younger by its id.
    time_ago = (end - birth.astype(float)) + (1 - np.arange(n) / n)
    tables.nodes.set_columns(flags=alive, time=time_ago)
    child = np.flatnonzero(parent > 0).astype(np.int32)
    tables.edges.set_columns(
        left=np.zeros(child.size), right=np.ones(child.size), parent=parent[child], child=child
    )
    tables.sort()
    kept = tables.simplify(np.flatnonzero(alive).astype(np.int32), keep_unary=True)
    ids = np.flatnonzero(kept >= 0)
    above = np.full(tables.nodes.num_rows, -1, np.int32)
    above[tables.edges.child] = tables.edges.parent
    import pandas

    place = kept[ids]
    pandas.DataFrame(
        {
            "id": place,
            "ancestor_list": [f"[{a}]" if a >= 0 else "[none]" for a in above[place].tolist()],
            "origin_time": birth[ids],
            "destruction_time": np.where(last[ids] == end, np.inf, last[ids] + 1.0),
        }
    ).to_csv(csv, index=False)
    return int(alive.sum()), tables.nodes.num_rows


def measure(path: str, way: str) -> None:
    """One way, in this process: prints its line."""
    import threading

    import psutil

    arrays = family(path)
    if way == "here":
        here(*(array[:100] for array in arrays[:3]), arrays[3], Path(tempfile.mkdtemp()) / "warm.csv")
    else:
        __import__(way)
    process, most, ended = psutil.Process(), [0], threading.Event()
    before = process.memory_info().rss

    def watch() -> None:
        while not ended.wait(0.005):
            most[0] = max(most[0], process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        living, ancestry = globals()[way](*arrays, Path(folder) / "phylogeny.csv")
        took = time.process_time() - start
    ended.set()
    watcher.join()
    born = int((arrays[2] >= 0).sum())
    print(
        f"{way:>12}: {born:,} genomes, {living:,} living, {ancestry:,} with ancestors; "
        f"{took:.1f} CPU s, {(most[0] - before) / 2**20:.0f} MB",
        flush=True,
    )


if __name__ == "__main__":
    if len(sys.argv) == 3:
        measure(sys.argv[1], sys.argv[2])
    else:
        for one in WAYS:
            if one == "here" or find_spec(one):
                subprocess.run([sys.executable, __file__, sys.argv[1], one], check=True)
