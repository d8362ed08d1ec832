"""Results in a bucket: Snakemake's S3 storage carries whole Zarr stores, and Zarr reads them where they are."""

import hashlib
import socket
import subprocess
import sys
import time

import boto3
import pytest
import xarray as xr
from obstore.store import S3Store
from zarr.storage import ObjectStore

from tests.workflow.project import CHECKOUT, run, write_config

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

BUCKET = "dynamics"
STORE = "results/causal/ring/trajectory.zarr"
RING = {"ring": {"runs": 2, "tokens": 12, "steps": 40, "save": {"every": 10}}}
WHO = {"AWS_ACCESS_KEY_ID": "me", "AWS_SECRET_ACCESS_KEY": "me", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture(scope="module")
def server():
    """An S3 of our own with an empty bucket; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    process = subprocess.Popen([sys.executable, "-m", "moto.server", "-p", port], stderr=subprocess.DEVNULL)
    while socket.socket().connect_ex(("127.0.0.1", int(port))):
        assert process.poll() is None
        time.sleep(0.2)
    address = f"http://127.0.0.1:{port}"
    client(address).create_bucket(Bucket=BUCKET)
    yield address
    process.terminate()
    process.wait()


def client(address):
    """A client of the server."""
    return boto3.client(
        "s3",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="me",
        aws_secret_access_key="me",
    )


def test_a_run_leaves_its_stores_in_the_bucket_and_zarr_reads_them_there(server, tmp_path):
    """A simulation and the analysis that reads it back; every value has the digest that was taken before the upload."""
    config = write_config(tmp_path / "config.yaml", RING)
    storage = ["--default-storage-provider", "s3", "--default-storage-prefix", f"s3://{BUCKET}"]
    storage += [
        "--storage-s3-endpoint-url",
        server,
        "--storage-s3-access-key",
        "me",
        "--storage-s3-secret-key",
        "me",
    ]
    options = ["--cores", "1", "--configfile", config, "--directory", tmp_path, *storage]
    found = run(*options, "--", "results/causal/ring/analysis/groups.zarr", cwd=CHECKOUT, **WHO)
    assert found.status == 0, found.said
    listed = client(server).list_objects_v2(Bucket=BUCKET)["Contents"]
    kept = {"/".join(item["Key"].split("/")[:2]) for item in listed if item["Key"].startswith("results")}
    assert kept == {"results/causal"}  # checkpoints are no results
    assert not (tmp_path / "results" / "causal").exists()
    bucket = S3Store(
        BUCKET,
        prefix=STORE,
        endpoint=server,
        access_key_id="me",
        secret_access_key="me",
        region="us-east-1",
        client_options={"allow_http": True},
    )
    trajectory = xr.open_zarr(ObjectStore(bucket, read_only=True), chunks=None)
    assert trajectory.sizes["run"] == 2
    for variable in trajectory.variables.values():
        assert hashlib.sha256(variable.values.tobytes()).hexdigest() == variable.attrs["content_sha256"]


def test_snakemake_takes_the_profile_for_kubernetes(server, tmp_path):
    """A dry run that asks a bucket of ours what is there; no pod is started."""
    options = [
        "--profile",
        "profiles/kubernetes",
        "--configfile",
        write_config(tmp_path / "config.yaml", RING),
    ]
    options += ["--directory", tmp_path, "--storage-s3-endpoint-url", server]
    options += ["--default-storage-prefix", f"s3://{BUCKET}"]
    keys = {"SNAKEMAKE_STORAGE_S3_ACCESS_KEY": "me", "SNAKEMAKE_STORAGE_S3_SECRET_KEY": "me"}
    found = run(*options, "--dry-run", "--quiet", "all", "--", "headlines", cwd=CHECKOUT, **WHO, **keys)
    assert found.status == 0, found.said
