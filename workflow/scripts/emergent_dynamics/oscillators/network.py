"""A user's network of couplings between units, from a list of edges or a matrix.

Units are numbered from 0 as they lie in the field: along x, then y, then channel. The network is symmetric, so that
the flow has an energy.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy  # it loads `sparse` at its first use, since few experiments have a network

from emergent_dynamics.inputs.array import Array, Unusable
from emergent_dynamics.inputs.content import located
from emergent_dynamics.inputs.files import WHOLE, members, opened, read

if TYPE_CHECKING:
    from emergent_dynamics.store import Variable

LARGEST = 1e9  # of a weight, or of the number of a unit
KINDS = "a list of edges (i, j[, weight]), a matrix (unit, unit), or an .npz of scipy.sparse"


def network_of(config: Mapping[str, Any]) -> "scipy.sparse.csr_array | None":
    """(unit, unit) weights of the experiment's network; None without one. Raises Unusable, one line."""
    if config["topology"] != "network":
        return None
    return read_network(config["network"], config["channels"] * config["height"] * config["width"])


def read_network(path: str, units: int) -> "scipy.sparse.csr_array":
    """(unit, unit) symmetric float64 weights from a file. Raises Unusable, one line, for anything else.

    An edge of a list counts once, whether it is given in one direction or in both. A square array with a row per unit
    is a matrix. A weight of 0 is no edge.
    """
    arrays = _members(path)
    if "format" in arrays:
        found = _sparse(path, arrays, units)
    else:
        array = opened(path)
        if array.shape != (units, units) and (len(array.shape) != 2 or array.shape[1] not in (2, 3)):
            raise Unusable(f"has the shape {array.shape}, where {units} units need {KINDS}")
        _refuse_other_order([name.lower() for name in array.columns])
        if array.bytes > WHOLE:
            raise Unusable(f"takes {array.bytes} bytes in memory; above {WHOLE} write it as a list of edges")
        values = np.asarray(read(path), np.float64)
        _refuse_strange(values)
        found = (
            scipy.sparse.csr_array(values) if array.shape == (units, units) else _from_edges(values, units)
        )
    found.eliminate_zeros()
    found.sort_indices()
    if (abs(found - found.T) > 0).nnz:
        i, j = (int(index[0]) for index in (abs(found - found.T) > 0).nonzero())
        raise Unusable(f"is not symmetric: ({i}, {j}) is {found[i, j]:g} and ({j}, {i}) is {found[j, i]:g}")
    if not found.nnz:
        raise Unusable("has no edge")
    return found


def edges(network: "scipy.sparse.csr_array") -> dict[str, np.ndarray]:
    """Every edge once, i <= j, as the store keeps it: edge_i, edge_j int64 and edge_weight float64."""
    i = np.repeat(np.arange(network.shape[0]), np.diff(network.indptr))
    once = i <= network.indices
    columns = i[once], network.indices[once].astype(np.int64), network.data[once]
    return dict(zip(("edge_i", "edge_j", "edge_weight"), columns, strict=True))


def edge_variables(network: "scipy.sparse.csr_array") -> "dict[str, Variable]":
    """The layout of `edges` in a store."""
    from emergent_dynamics.store import Variable  # here, since checks of a configuration need no Zarr

    texts = {
        "edge_i": "unit at one end",
        "edge_j": "unit at the other end",
        "edge_weight": "weight of the edge",
    }
    return {
        name: Variable(("edge",), values.shape, str(values.dtype), texts[name], "1", kind="static")
        for name, values in edges(network).items()
    }


def _members(path: str) -> dict[str, Array]:
    """All arrays of an .npz file if the path names none of them; {} for any other file."""
    file, name = located(path)
    if name or not file.is_file():
        return {}
    with file.open("rb") as stream:
        return members(path) if stream.read(4) == b"PK\x03\x04" else {}


def _sparse(path: str, arrays: Mapping[str, Array], units: int) -> "scipy.sparse.csr_array":
    """The matrix that `scipy.sparse.save_npz` wrote. Its indices are checked here, since SciPy does not check them."""
    for name, array in arrays.items():
        if name in ("data", "row", "col", "indices", "indptr") and array.dtype.kind not in "biuf":
            raise Unusable(f"holds values of type {array.dtype} in {name}")
    try:
        loaded = scipy.sparse.load_npz(located(path)[0])
        found = scipy.sparse.csr_array(loaded, dtype=np.float64)
        found.check_format(full_check=True)
        found.sum_duplicates()
    except (ValueError, KeyError, TypeError, IndexError, NotImplementedError, OverflowError) as error:
        raise Unusable(f"is a damaged .npz of scipy.sparse ({str(error).splitlines()[0][:60]})") from None
    if found.shape != (units, units):
        raise Unusable(f"is a matrix of shape {found.shape}, where there are {units} units")
    _refuse_strange(found.data)
    return found


def _refuse_strange(values: np.ndarray) -> None:
    if not np.isfinite(values).all():
        raise Unusable("holds a value that is not finite")
    if np.abs(values).max(initial=0.0) > LARGEST:
        raise Unusable(f"holds a value of {np.abs(values).max():g}; weights are at most {LARGEST:g}")


def _refuse_other_order(names: list[str]) -> None:
    """Raise Unusable for a table whose names say that its columns are not i, j, weight in this order."""
    if "weight" in names[:2]:
        raise Unusable(f"has the columns {', '.join(names)}, where the weight comes third")


def _from_edges(rows: np.ndarray, units: int) -> "scipy.sparse.csr_array":
    """(edge, 2 or 3) i, j and weight (1 without one) as a symmetric matrix."""
    ends = rows[:, :2]
    wrong = np.flatnonzero(((ends != np.trunc(ends)) | (ends < 0) | (ends >= units)).any(axis=1))
    if wrong.size:
        first = int(wrong[0])
        i, j = ends[first]
        raise Unusable(
            f"joins {i:g} and {j:g} in edge {first}, where units are numbered from 0 to {units - 1}"
        )
    weight = rows[:, 2] if rows.shape[1] == 3 else np.ones(len(rows))
    low, high = np.sort(ends.astype(np.int64), axis=1).T
    _, place, which = np.unique(low * units + high, return_index=True, return_inverse=True)
    other = np.flatnonzero(weight != weight[place][which])
    if other.size:
        i, j, first = low[other[0]], high[other[0]], weight[place][which][other[0]]
        raise Unusable(f"gives the edge of {i} and {j} the weights {first:g} and {weight[other[0]]:g}")
    low, high, weight = low[place], high[place], weight[place]
    apart = low != high
    i, j = np.concatenate([low, high[apart]]), np.concatenate([high, low[apart]])
    return scipy.sparse.csr_array((np.concatenate([weight, weight[apart]]), (i, j)), shape=(units, units))
