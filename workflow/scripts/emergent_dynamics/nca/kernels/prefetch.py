"""Prefetching of rows of a table: code that gathers rows in random order otherwise waits for the third-level cache."""

from typing import Any

from emergent_dynamics.runtime.compiler import numba

cgutils, types = numba.core.cgutils, numba.types
ir = cgutils.ir  # the module of llvmlite, which comes with Numba

AHEAD = 8  # number of rows by which a fetch precedes the use
LINE = 16  # float32 numbers per cache line


@numba.njit(cache=True)
def fetch(table, row):
    """Begin to load a row of table (row, gene) float32 into the cache; no value changes."""
    for gene in range(0, table.shape[1], LINE):
        _fetch_line(table, row, gene)


@numba.extending.intrinsic
def _fetch_line(typing_context: Any, table: Any, row: Any, gene: Any) -> Any:
    """Call LLVM's prefetch for reading (0), with high temporal locality (3), into the data cache (1)."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind, *index_kinds = signature.args
        array = numba.np.arrayobj.make_array(kind)(context, builder, values[0])
        at = [
            context.cast(builder, value, given, types.intp)
            for value, given in zip(values[1:], index_kinds, strict=True)
        ]
        place = cgutils.get_item_pointer(context, builder, kind, array, at)
        place = builder.bitcast(place, ir.IntType(8).as_pointer())
        word = ir.IntType(32)
        wanted = ir.FunctionType(ir.VoidType(), (place.type, word, word, word))
        builder.call(
            builder.module.declare_intrinsic("llvm.prefetch", (place.type,), wanted),
            [place, word(0), word(3), word(1)],
        )
        return context.get_dummy_value()

    return types.void(table, row, gene), generate
