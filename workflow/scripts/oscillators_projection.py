"""Pixels in the plane of one basis for all frames: reads trajectory.zarr, writes projection.zarr."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import findings, store
from emergent_dynamics.oscillators.findings import projection

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    config = provenance.parameters(trajectory) | snakemake.params.analysis
    tables = projection.find(trajectory, config)
    attributes = provenance.derived(trajectory, snakemake.params.analysis)
    layout, frames = projection.variables(tables), len(tables["frame_index"])
    with store.writing(snakemake.output.projection, layout, "frame", frames, attributes) as stream:
        for fixed in ("cell", "explained", "mean", "axes"):
            stream.whole(fixed, tables[fixed])
        stream.append({name: tables[name] for name in ("position", "frame_index")})
    findings.write(snakemake.output, {}, projection.summarise(tables, config))
