"""Files that were uploaded by Git LFS: after a while Xet knows them too."""

import io
import time

from huggingface_hub import get_hf_file_metadata, hf_hub_url
from uploads import (
    LFS_UPLOAD,
    RECONSTRUCTION,
    STORES_IN_S3,
    XET,
    XORB_FETCH,
    XORB_UPLOAD,
    Client,
    get,
    noise,
    sha256,
    sha256_of_file,
)

DEADLINE_S = 90
EDIT = b"an edit in the middle"


def wait_for_xet(hub, user, repo, path):
    """The hub cuts large files in the background."""
    deadline = time.monotonic() + DEADLINE_S
    while not get_hf_file_metadata(hf_hub_url(repo, path, endpoint=hub), token=user.token).xet_file_data:
        assert time.monotonic() < deadline, "the hub did not make xorbs of the file"
        time.sleep(0.2)


def test_lfs_file_by_xet(hub, alice, repo, traffic, wire, tmp_path):
    content = noise("bridge", 25_000_000)
    alice.api.upload_file(path_or_fileobj=io.BytesIO(content), path_in_repo="w.bin", repo_id=repo)
    assert traffic.count(LFS_UPLOAD) >= 1 or STORES_IN_S3
    assert traffic.count(XORB_UPLOAD) == 0
    wait_for_xet(hub, alice, repo, "w.bin")

    down = wire.traffic()
    path = Client(tmp_path / "down", alice).call("download", repo, "w.bin")
    assert sha256_of_file(path) == sha256(content)
    assert down.count(RECONSTRUCTION) >= 1
    assert down.received(XORB_FETCH) > len(content) or STORES_IN_S3

    edited = content[:12_000_000] + EDIT + content[12_000_000:]
    (tmp_path / "edited").write_bytes(edited)
    up = wire.traffic()
    Client(tmp_path / "up", alice).call("upload", repo, tmp_path / "edited", "w.bin")
    assert up.sent(XORB_UPLOAD) > 0
    assert up.sent(XET) < 1_000_000
    status, _, body = get(f"{hub}/{repo}/resolve/main/w.bin", alice.token)
    assert (status, sha256(body)) == (200, sha256(edited))
