"""Every headline and every expected value of this room once more, by plain NumPy from the stored frames and log."""

import functools

import numpy as np
import xarray as xr

from emergent_dynamics.config.schema import read_schemas, resolve

EXPERIMENT = {
    "width": 16,
    "height": 14,
    "seed_fraction": 0.2,
    "inheritance": 0.5,
    "mutation": 0.1,
    "generations": 300,
    "runs": 8,
    "clusters": 3,
    "rwsp": [3, 17, 30],
    "sensitivity": {"twins": 4, "generations": 60},
}
REPEATS = 60  # of the intervals' coverage: five seconds each
UNCOVERED = {
    "region_*": "Student's interval of a mean over runs, like headlines that are counted",
    "silhouette_gaussian": "its interval is over the Gaussian clouds of one run, so that other seeds are no repeats",
}


STRIPS = {"from": 0, "budget": [2, 4, 8], "mutation": [0.0, 0.3, 0.3]}


REGIONS = EXPERIMENT | {"width": 13, "height": 10, "inheritance": 0.6, "landscape": [STRIPS], "seed": 2}


def brought(folder):
    """Another world, not data: one whose landscape has three strips, so that its regions are told apart."""
    return REGIONS


def resolved(seed):
    """The complete experiment of this seed, which tells the two worlds apart."""
    return resolve(
        read_schemas()[1]["nca"], (REGIONS if seed == REGIONS["seed"] else EXPERIMENT) | {"seed": seed}
    )


def stored(path, name, group=None):
    return xr.open_zarr(path, group=group, chunks=None)[name].values


def late_mean(path, parameters, measure):
    """Mean over runs of the mean over the second half of what `measure` says of (gid, alpha) of a frame."""
    gids, alphas = stored(path, "gid"), stored(path, "alpha")
    start = -(-parameters["generations"] // 2)
    pairs = zip(gids, alphas, strict=True)
    return np.mean(
        [[measure(g, a) for g, a in zip(gid[start:], alpha[start:], strict=True)] for gid, alpha in pairs]
    )


def late(measure):
    return lambda path, tables, parameters: late_mean(path, parameters, measure)


def entropy(_, alpha):
    _, counts = np.unique(alpha, return_counts=True)
    share = counts / counts.sum()
    return -(share * np.log(share)).sum() / np.log(share.size) if share.size > 1 else 0.0


def off_median(_, alpha):
    return np.sqrt(np.mean(alpha != round(float(np.median(alpha)))))


def organisation(_, alpha):
    _, index, counts = np.unique(alpha, return_inverse=True, return_counts=True)
    if counts.min() == counts.max():
        return 0.0
    scaled = ((counts - counts.min()) / (counts.max() - counts.min()))[index].reshape(alpha.shape)
    around = [np.roll(scaled, (dy, dx), (0, 1)) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    return np.std(np.std(around, axis=0))


def deflated(_, alpha):
    import zlib

    return 8 * len(zlib.compress(alpha.tobytes(), 1)) / alpha.size


def abundances(gid):
    return np.unique(gid[gid > 0], return_counts=True)[1]


def hill(order):
    def number(gid, _):
        share = abundances(gid) / abundances(gid).sum()
        return np.exp(-(share * np.log(share)).sum()) if order == 1 else 1 / (share**2).sum()

    return late(number)


def decoded(path, parameters):
    """(genome + 1, gene) of each run: the weights of every genome, walking the log once in its order."""
    run, parent, changes = (stored(path, name, "genome") for name in ("run", "parent", "changes"))
    gene, value = stored(path, "gene", "genome"), stored(path, "value", "genome")
    ends = np.cumsum(changes.astype(int))
    nets = [[np.zeros(10 * parameters["channels"] ** 2, np.float32)] for _ in range(parameters["runs"])]
    for k, owner in enumerate(run.tolist()):
        net = nets[owner][parent[k]].copy()
        part = slice(ends[k] - int(changes[k]), ends[k])
        net[gene[part]] = value[part]
        nets[owner].append(net)
    return [np.array(one) for one in nets]


def ghc(net):
    bits = [0 if round(float(w), 2) == -0.1 else round(100 * abs(float(w))) // 10 % 2 for w in net[:24]]
    return tuple(bits)


def rwsp(net):
    return tuple(int(np.trunc(255 * np.round(float(net[gene]), 1))) % 256 for gene in (3, 17, 30))


def colours(colour):
    def mean(path, tables, parameters):
        start = -(-parameters["generations"] // 2)
        means = []
        for gid, nets in zip(stored(path, "gid"), decoded(path, parameters), strict=True):
            shown = np.array([hash(colour(net)) for net in nets])
            means.append(np.mean([np.unique(shown[np.unique(frame)]).size - 1 for frame in gid[start:]]))
        return np.mean(means)

    return mean


def log_of(path, parameters):
    """Parents by genome of each run; entry 0 is the empty net."""
    run, parent = stored(path, "run", "genome"), stored(path, "parent", "genome")
    return [np.append(-1, parent[run == one]) for one in range(parameters["runs"])]


def ancestors(parent, genome):
    """A genome and all above it, up to its founder."""
    line = [int(genome)]
    while parent[line[-1]] > 0:
        line.append(int(parent[line[-1]]))
    return line


def over_runs(statistic):
    """Mean over runs of statistic(parents, births, last frame); NaN where no run has one."""

    def mean(path, tables, parameters):
        run, birth = stored(path, "run", "genome"), stored(path, "birth", "genome")
        values = [
            statistic(parent, np.append(-1, birth[run == one]), gid[-1])
            for one, (parent, gid) in enumerate(
                zip(log_of(path, parameters), stored(path, "gid"), strict=True)
            )
        ]
        return np.nanmean(values) if not np.isnan(values).all() else np.nan

    return mean


def living(frame):
    return np.unique(frame[frame > 0]).tolist()


def common_ancestor(parent, birth, frame):
    lines = [ancestors(parent, genome) for genome in living(frame)]
    shared = set(lines[0]).intersection(*lines) if lines else set()
    return birth[max(shared)] if shared else np.nan


def shape(measure):
    """Of the trees of the living, by recursion over nested lists of leaves; a living ancestor is a leaf of its own."""

    def of_run(parent, birth, frame):
        tips, end = set(living(frame)), EXPERIMENT["generations"]
        kept = {a for genome in tips for a in ancestors(parent, genome)}
        below = {genome: sorted(g for g in kept if parent[g] == genome) for genome in kept}
        if measure == "length":
            ends = {g: end if g in tips else max(birth[child] for child in below[g]) for g in kept}
            return sum(ends[g] - birth[g] for g in kept)
        total = 0

        def leaves(genome):
            """Sizes are added to the total on the way up: a leaf is counted at each branching above it."""
            nonlocal total
            parts = [leaves(child) for child in below[genome]] + [1] * (genome in tips)
            if measure == "sackin" and len(parts) > 1:
                total += sum(parts)
            if measure == "colless" and len(parts) == 2:
                total += abs(parts[0] - parts[1])
            return sum(parts)

        for genome in kept:
            if parent[genome] <= 0:
                leaves(genome)
        return total

    return over_runs(of_run)


def held_by(least, most):
    """How many genomes have so many cells at the end; `most` is a share of the nets."""

    def count(parent, birth, frame):
        cells = np.bincount(frame[frame > 0], minlength=parent.size)[1:]
        bar = max(2.0, 0.01 * cells.sum())
        upper = {"one": 1, "many": np.inf, "none": 0, "bar": np.nextafter(bar, 0)}[most]
        lower = bar if least == "bar" else least
        return ((cells >= lower) & (cells <= upper)).sum()

    return over_runs(count)


def activities(frames):
    """(generation,) activities, as a list, of the genomes present: in how many frames each has been so far."""
    counter, rows = {}, []
    for frame in frames:
        present = {int(genome) for genome in np.unique(frame) if genome > 0}
        counter |= {genome: counter.get(genome, 0) + 1 for genome in present}
        rows.append([counter[genome] for genome in present])
    return rows, list(counter.values())


@functools.cache
def shadow(path, run, parameters):
    """(label, founder) by cell of every frame of the neutral shadow: cell by cell, parents drawn from the living."""
    from emergent_dynamics import streams

    seed, inheritance = parameters
    gids, alphas = stored(path, "gid")[run], stored(path, "alpha")[run]
    height, width = gids[0].shape
    strips = 3 if seed == REGIONS["seed"] else 1
    label, newest = gids[0].copy(), gids[0].max()
    kin, frames = label.copy(), []
    frames.append((label.copy(), kin.copy()))
    for generation in range(1, len(gids)):
        before, now = gids[generation - 1], gids[generation]
        u = streams.uniform(seed, "nca.shadow", run, generation, 3 * now.size).reshape(height, width, 3)
        born = [(u[y, x, 2], y, x) for y, x in np.argwhere((before == 0) & (now > 0))]
        first = [np.argwhere(now == genome)[0][1] for genome in np.unique(now[now > newest])]
        mutated = []
        for strip in range(strips):  # of equal numbers of columns
            new = sum(strips * x // width == strip for x in first)
            mutated += sorted(one for one in born if strips * one[2] // width == strip)[:new]
        ids = {(y, x): None for _, y, x in mutated}
        ids = {place: int(newest) + 1 + k for k, place in enumerate(sorted(ids))}
        for y, x in np.ndindex(now.shape):
            if (u[y, x, 0] >= inheritance) if before[y, x] else not now[y, x]:
                continue
            near = [((y + dy) % height, (x + dx) % width) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
            near = [place for place in near if alphas[generation - 1][place] and label[place]]
            if near:
                source = near[int(u[y, x, 1] * len(near))]
                label[y, x], kin[y, x] = label[source], kin[source]
            label[y, x] = ids.get((y, x), label[y, x])
        label[now == 0], kin[now == 0] = 0, 0
        newest = max(newest, now.max())
        frames.append((label.copy(), kin.copy()))
    return frames


def pairs(path, parameters):
    """For each run: frames (label, founder) of it and of its shadow."""
    for run, parent in enumerate(log_of(path, parameters)):
        founder = np.zeros(parent.size, int)
        for genome in range(1, parent.size):
            founder[genome] = founder[parent[genome]] or genome
        own = [(gid, founder[gid]) for gid in stored(path, "gid")[run]]
        yield own, shadow(path, run, (parameters["seed"], parameters["inheritance"]))


def late_rows(path, parameters):
    """For each run: activities of it and of its shadow in the second half, and the shadow's 99.9 % quantile."""
    start = -(-parameters["generations"] // 2)
    for own, neutral in pairs(path, parameters):
        rows, final = activities([label for label, _ in neutral])
        yield activities([gid for gid, _ in own])[0][start:], rows[start:], np.quantile(final, 0.999)


@functools.cache
def _excess(path, seed):
    """(run, generation) of the second half."""
    rows = late_rows(path, resolved(seed))
    return np.array(
        [[np.mean(a) - np.mean(b) for a, b in zip(run, neutral, strict=True)] for run, neutral, _ in rows]
    )


def excess(path, tables, parameters):
    return _excess(path, parameters["seed"])


def excess_genomes(path, tables, parameters):
    """(run,)"""
    start = -(-parameters["generations"] // 2)
    return np.array(
        [
            np.mean(
                [
                    np.log(len(living(g)) / len(living(n)))
                    for (g, _), (n, _) in zip(own[start:], neutral[start:], strict=True)
                ]
            )
            for own, neutral in pairs(path, parameters)
        ]
    )


def excess_clades(path, tables, parameters):
    """(run,)"""
    start = -(-parameters["generations"] // 2)

    def inverse_simpson(clades):
        share = abundances(clades) / abundances(clades).sum()
        return 1 / (share**2).sum()

    return np.array(
        [
            np.mean(
                [
                    np.log(inverse_simpson(c) / inverse_simpson(k))
                    for (_, c), (_, k) in zip(own[start:], neutral[start:], strict=True)
                ]
            )
            for own, neutral in pairs(path, parameters)
        ]
    )


def unequal_survival(path, tables, parameters):
    """(run,) by counting the deaths of every clade in dictionaries."""
    start = -(-parameters["generations"] // 2)
    if 2 * start == parameters["generations"]:
        start += 1  # the first generation behind the middle

    def index(frames, gid):
        exposed, died = {}, {}
        for generation in range(start, len(gid)):
            for clade, gone in zip(frames[generation - 1][1].flat, (gid[generation] == 0).flat, strict=True):
                if clade:
                    exposed[clade] = exposed.get(clade, 0) + 1
                    died[clade] = died.get(clade, 0) + gone
        if len(exposed) < 2:
            return np.nan
        p = sum(died.values()) / sum(exposed.values())
        return sum((died[c] - p * exposed[c]) ** 2 for c in exposed) / (p * (1 - p) * sum(exposed.values()))

    gids = stored(path, "gid")
    return np.array(
        [
            np.log(index(own, gid) / index(neutral, gid))
            for (own, neutral), gid in zip(pairs(path, parameters), gids, strict=True)
        ]
    )


def selection(path, tables, parameters):
    """Any of four means beyond t standard errors, for a two-sided 1 % together."""
    from scipy import stats

    values = [excess(path, tables, parameters).mean(axis=1)]
    values += [of(path, tables, parameters) for of in (excess_genomes, excess_clades, unequal_survival)]
    return any(
        abs(one.mean()) > stats.t.isf(0.01 / 4 / 2, one.size - 1) * one.std(ddof=1) / np.sqrt(one.size)
        for one in (of_runs[~np.isnan(of_runs)] for of_runs in values)
    )


def trend(path, tables, parameters):
    y = excess(path, tables, parameters)
    x = np.arange(y.shape[1]) - (y.shape[1] - 1) / 2
    return np.mean((y @ x) / (x @ x))


def new_activity(path, tables, parameters):
    means = [
        np.mean([sum(a for a in row if bar <= a < 2 * bar) / len(row) for row in run])
        for run, _, bar in late_rows(path, parameters)
    ]
    return np.mean(means)


def activity_class(path, tables, parameters):
    """From intervals by SciPy over the runs."""
    from scipy import stats

    ends = []
    y = excess(path, tables, parameters)
    x = np.arange(y.shape[1]) - (y.shape[1] - 1) / 2
    for values in (y.mean(axis=1), (y @ x) / (x @ x)):
        ends.append(stats.t.interval(0.95, len(values) - 1, values.mean(), stats.sem(values))[0])
    return 1 if ends[0] <= 0 else 2 + (ends[1] > 0)


def oldest(path, tables, parameters):
    """The longest row of frames alive up to a generation 0, 100, 200, ..., frame 0 left out."""
    alive = stored(path, "alpha")[:, 1:] > 0
    longest = 0
    for generation in range(100, parameters["generations"] + 1, 100):
        back = np.cumprod(alive[:, :generation][:, ::-1], axis=1).sum(axis=1)
        longest = max(longest, int(back.max()))
    return longest


@functools.cache
def twins(seed):
    """alpha and founder of the original and of every twin at the last generation compared, by the reference model."""
    from emergent_dynamics import streams
    from emergent_dynamics.nca import model
    from emergent_dynamics.nca.parameters import Parameters

    parameters = resolved(seed)
    p, asked = Parameters.from_config(parameters), parameters["sensitivity"]
    lost = streams.choice_without_replacement(p.seed, "nca.twins", 0, 0, p.founders, asked["twins"])
    ends = []
    for missing in [None, *lost.tolist()]:
        world, births = model.initial(p, 0)
        founder = {0: 0} | {birth.genome: birth.genome for birth in births}
        if missing is not None:
            home = world.gid == missing + 1
            world.gid[home], world.weights[home], world.layers[:, home] = 0, 0, 0
        for generation in range(1, min(p.generations, asked["generations"]) + 1):
            world, births = model.step(world, model.draws(p, 0, generation), generation, p)
            founder |= {0: 0}
            for birth in births:
                founder[birth.genome] = founder[birth.parent]
        clade = np.vectorize(founder.get)(world.gid)
        ends.append((np.rint(10 * world.layers[0].astype(float)).astype(int), clade, world.gid.copy()))
    return ends


def of_twins(measure):
    def mean(path, tables, parameters):
        original, *others = twins(parameters["seed"])
        return np.mean([measure(original, other) for other in others])

    return mean


def damage(one, other):
    return np.mean(one[0] != other[0])


def unrelated(one, other):
    p, q = (np.bincount(frame[0].reshape(-1), minlength=11) / frame[0].size for frame in (one, other))
    return 1 - (p * q).sum()


def largest_cluster(path, tables, parameters):
    table = tables["clusters"]
    last = table[table["generation"] == parameters["generations"]]
    shares = [rows["cells"].max() / rows["cells"].sum() for _, rows in last.groupby("run")]
    return np.mean(shares)


@functools.cache
def scaled_nets(path, seed):
    """Standardised weights (net, gene) of the sampled genomes, and of the thousand, or all, that have silhouettes."""
    from emergent_dynamics import streams
    from emergent_dynamics.nca import fixed_basis

    parameters = resolved(seed)
    frames = xr.open_zarr(path, chunks=None)
    nets = decoded(path, parameters)
    rows = [fixed_basis.sample(frames, run, seed)["genome"] for run in range(parameters["runs"])]
    weights = np.concatenate([nets[run][ids] for run, ids in enumerate(rows)]).astype(float)
    weights = (weights - weights.mean(axis=0)) / np.where(weights.std(axis=0) > 0, weights.std(axis=0), 1)
    n = len(weights)
    some = (
        streams.choice_without_replacement(seed, "nca.quality", 0, 0, n, 1000) if n > 1000 else np.arange(n)
    )
    return weights, weights[some]


def mean_silhouette(points, parameters):
    """By the definition, cluster by cluster; K-means is scikit-learn's."""
    from scipy.spatial.distance import cdist
    from sklearn.cluster import KMeans

    k = parameters["clusters"]
    labels = KMeans(k, n_init=4, random_state=parameters["seed"] % 2**32).fit(points).labels_
    distance = cdist(points, points)
    widths = []
    for i, own in enumerate(labels):
        means = [distance[i, labels == c].sum() / max(1, (labels == c).sum() - (c == own)) for c in range(k)]
        a, b = means[own], min(mean for c, mean in enumerate(means) if c != own)
        widths.append((b - a) / max(a, b) if (labels == own).sum() > 1 else 0.0)
    return np.mean(widths)


def gaussian_silhouette(path, tables, parameters):
    from emergent_dynamics import streams

    weights, points = scaled_nets(path, parameters["seed"])
    values, axes = np.linalg.eigh(np.cov(weights.T))
    spread = axes * np.sqrt(np.maximum(values, 0))
    means = []
    for cloud in range(1, 9):
        draws = streams.normal(parameters["seed"], "nca.gaussian", 0, cloud, points.size).reshape(
            points.shape
        )
        means.append(mean_silhouette(weights.mean(axis=0) + draws @ spread.T, parameters))
    return np.mean(means)


def variance_explained(path, tables, parameters):
    _, points = scaled_nets(path, parameters["seed"])
    values = np.sort(np.linalg.eigvalsh(np.cov(points.T)))
    return values[-2:].sum() / values.sum()


def same_hash(path, tables, parameters):
    """Whether |w| stays below 0.995, which rounds to 1.00, in all 44 parameters of 20,000 nets."""
    from emergent_dynamics import streams

    u = np.stack([streams.uniform(parameters["seed"], "nca.same_hash", 0, k, 44 * 20_000) for k in range(3)])
    before = np.round((2 * u[0] - 1) * 100)
    after = np.round(before + 100 * (2 * u[1] - 1) * (u[2] < parameters["mutation"]))
    same = [(np.trunc(np.abs(w) / 100) % 2).astype(bool).reshape(-1, 44) for w in (before, after)]
    return (same[0] == same[1]).all(axis=1).mean()


def of_region(columns, measure):
    """Mean over runs of the mean over the second half of `measure` of the frame's columns; NaN frames left out.

    measure(now, before, alpha, founder) : gid of a frame and of the one before, alpha in tenths, founder by genome.
    """

    def mean(path, parameters):
        start = -(-parameters["generations"] // 2)
        means = []
        gids, alphas = stored(path, "gid"), stored(path, "alpha")
        for gid, alpha, parent in zip(gids, alphas, log_of(path, parameters), strict=True):
            frames = range(start, parameters["generations"] + 1)
            found = [
                measure(gid[t][:, columns], gid[t - 1][:, columns], alpha[t][:, columns], parent)
                for t in frames
            ]
            means.append(np.nanmean(found))
        return np.mean(means)

    return mean


LEFT, RIGHT = slice(0, 5), slice(9, 13)  # columns x with floor(3 x / 13) = 0 and 2


def alive_now(now, before, alpha, parent):
    return np.mean(alpha > 0)


def births_now(now, before, alpha, parent):
    return np.mean((before == 0) & (now > 0))


def energy_now(now, before, alpha, parent):
    return np.mean(alpha[alpha > 0]) / 10 if (alpha > 0).any() else np.nan


def genomes_now(now, before, alpha, parent):
    return 1000 * len(living(now)) / now.size


def clades_now(now, before, alpha, parent):
    return len({ancestors(parent, genome)[-1] for genome in living(now)})


def region(columns, measure):
    return lambda path, tables, parameters: of_region(columns, measure)(path, parameters)


def contrast(measure):
    def difference(path, tables, parameters):
        return of_region(RIGHT, measure)(path, parameters) - of_region(LEFT, measure)(path, parameters)

    return difference


RECOMPUTED = {
    "region_alive_first": region(LEFT, alive_now),
    "region_alive_last": region(RIGHT, alive_now),
    "region_living_contrast": contrast(alive_now),
    "region_births_contrast": contrast(births_now),
    "region_energy_contrast": contrast(energy_now),
    "region_genomes_contrast": contrast(genomes_now),
    "region_clades_contrast": contrast(clades_now),
    "same_unscaled_hash": same_hash,
    "gep": late(entropy),
    "gcvp": late(off_median),
    "clogv": late(organisation),
    "zlib": late(deflated),
    "exact": late(lambda gid, _: len(living(gid))),
    "hill_1": hill(1),
    "hill_2": hill(2),
    "ghc": colours(ghc),
    "rwsp": colours(rwsp),
    "alive_share": late(lambda _, alpha: np.mean(alpha > 0)),
    "genomes": over_runs(lambda parent, birth, frame: parent.size - 1),
    "founders": over_runs(lambda parent, birth, frame: (birth == 0).sum()),
    "surviving_founders": over_runs(
        lambda parent, birth, frame: len({ancestors(parent, g)[-1] for g in living(frame)})
    ),
    "ancestry": over_runs(
        lambda parent, birth, frame: len({a for g in living(frame) for a in ancestors(parent, g)})
    ),
    "depth": over_runs(
        lambda parent, birth, frame: np.mean([len(ancestors(parent, g)) - 1 for g in living(frame)])
    ),
    "mrca": over_runs(common_ancestor),
    "sackin": shape("sackin"),
    "colless": shape("colless"),
    "phylogenetic_diversity": shape("length"),
    "extinct": held_by(0, "none"),
    "rare": held_by(1, "one"),
    "common": held_by(2, "bar"),
    "dominant": held_by("bar", "many"),
    "oldest": oldest,
    "excess_activity": lambda path, tables, parameters: excess(path, tables, parameters).mean(),
    "excess_genomes": lambda path, tables, parameters: excess_genomes(path, tables, parameters).mean(),
    "excess_clades": lambda path, tables, parameters: excess_clades(path, tables, parameters).mean(),
    "unequal_survival": lambda path, tables, parameters: np.nanmean(
        unequal_survival(path, tables, parameters)
    ),
    "selection": selection,
    "excess_trend": trend,
    "new_activity": new_activity,
    "activity_class": activity_class,
    "twin_damage": of_twins(damage),
    "twin_clades": of_twins(lambda one, other: np.mean(one[1] != other[1])),
    "twin_gep_shift": of_twins(lambda one, other: entropy(0, other[0]) - entropy(0, one[0])),
    "twin_genomes_shift": of_twins(lambda one, other: len(living(other[2])) / len(living(one[2])) - 1),
    "twin_damage_relative": of_twins(lambda one, other: damage(one, other) / unrelated(one, other)),
    "twins_healed": of_twins(lambda one, other: damage(one, other) == 0),
    "largest_cluster": largest_cluster,
    "silhouette": lambda path, tables, parameters: mean_silhouette(
        scaled_nets(path, parameters["seed"])[1], parameters
    ),
    "silhouette_gaussian": gaussian_silhouette,
    "variance_explained": variance_explained,
}

KEPT = {0.1: 9007 / 27500}  # of the published notebook

EXPECTED = {
    "same_unscaled_hash": lambda path, tables, parameters: KEPT[parameters["mutation"]],
    "alive_share": 4 / 7,  # budget 4, inheritance 1/2: two generations of waiting, four alive, one cleared
    "region_alive_first": 2 / (1 / 0.6 + 3),
    "region_alive_last": 8 / (1 / 0.6 + 9),
    # 16 x 14 x 0.2 = 44.8; 13 x 10 x 0.2
    "founders": lambda path, tables, parameters: 26 if parameters["landscape"] else 44,
    "oldest": lambda path, tables, parameters: 8 if parameters["landscape"] else 4,
}

REASONS: dict[str, str] = {}
