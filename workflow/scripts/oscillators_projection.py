"""Pixels in the plane of one basis for all frames: reads trajectory.zarr, writes projection.zarr."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.oscillators import projection

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    asked = snakemake.params.analysis["projection"]
    found = projection.find(
        trajectory,
        asked["method"],
        asked["frames"],
        asked["points"],
        provenance.parameters(trajectory)["seed"],
    )
    attributes = provenance.derived(trajectory, snakemake.params.analysis)
    with store.writing(
        snakemake.output.projection, projection.variables(found), "frame", len(found.frame), attributes
    ) as stream:
        stream.whole("cell", found.cell)
        stream.whole("explained", found.explained)
        stream.append({"position": found.position, "frame_index": found.frame})
    store.write_summary(snakemake.output.summary, projection.summarise(found, asked["method"]))
