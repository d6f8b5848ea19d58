"""A file of 2 GB goes up and comes back by Xet, and costs little when it is edited."""

import hashlib
import random

import pytest
from uploads import LFS_UPLOAD, RECONSTRUCTION, XORB_FETCH, XORB_UPLOAD, Client, sha256_of_file

SIZE_BYTES = 2_000_000_000
BLOCK_BYTES = 10_000_000
MAX_EDIT_BYTES = 10_000_000


@pytest.fixture
def large_file(tmp_path):
    """Its path and its hash."""
    generator, digest, path = random.Random("two gigabytes"), hashlib.sha256(), tmp_path / "large.safetensors"
    with open(path, "wb") as file:
        for _ in range(SIZE_BYTES // BLOCK_BYTES):
            block = generator.randbytes(BLOCK_BYTES)
            digest.update(block)
            file.write(block)
    yield path, digest.hexdigest()
    path.unlink(missing_ok=True)


def test_up_and_down(alice, repo, traffic, large_file, tmp_path):
    path, expected = large_file
    Client(tmp_path / "up", alice).call("upload", repo, path, "large.safetensors")
    assert traffic.sent(XORB_UPLOAD) > SIZE_BYTES
    assert traffic.count(LFS_UPLOAD) == 0
    path.unlink()
    loaded = Client(tmp_path / "down", alice).call("download", repo, "large.safetensors")
    assert sha256_of_file(loaded) == expected
    assert traffic.count(RECONSTRUCTION) >= 1
    assert traffic.received(XORB_FETCH) > SIZE_BYTES
    # Clients ask for one chunk in a thousand: the answers must tell them of all the others, too.
    with open(loaded, "r+b") as file:
        file.seek(SIZE_BYTES // 2)
        file.write(b"an edit of 20 bytes.")
    edited, before = sha256_of_file(loaded), traffic.sent(XORB_UPLOAD)
    Client(tmp_path / "again", alice).call("upload", repo, loaded, "large.safetensors")
    assert traffic.sent(XORB_UPLOAD) - before < MAX_EDIT_BYTES
    again = Client(tmp_path / "down again", alice).call("download", repo, "large.safetensors")
    assert sha256_of_file(again) == edited
