"""The hub dies in the middle of a transfer and comes back. The client's own retries or a second call finish the work."""

import subprocess
from importlib.metadata import version

import pytest
from conftest import hub_command
from uploads import SHARD_UPLOAD, STORES_IN_S3, XORB_FETCH, XORB_UPLOAD, Client, get, noise, sha256, sha256_of_file

# Three xorbs.
SIZE_BYTES = 150_000_000
# hf_xet up to 1.5 waits for ever after a connection has broken, whatever the hub does then. Its user ends it.
WAITS_FOR_EVER = tuple(map(int, version("hf-xet").split(".")[:2])) <= (1, 5)
# Of a client that has a hub again.
PATIENCE_SECONDS = 8 if WAITS_FOR_EVER else 300


@pytest.fixture
def dying(hub_process, wire):
    """Lets the hub die by SIGKILL when the matching requests have moved so many bytes, and starts it again."""

    def die():
        hub_process.kill()
        wire.disconnect()

    def run(client, call, pattern, direction, after_bytes):
        trap = wire.trap(pattern, direction, after_bytes, die)
        process = client.start(*call)
        try:
            assert trap.sprung.wait(120), "the transfer did not get so far"
        finally:
            if not trap.sprung.is_set():
                process.kill()
        assert process.poll() is None, "the client was done already"
        hub_process.start()
        wire.connect()
        try:
            out, err = process.communicate(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            assert WAITS_FOR_EVER, f"the client hangs: {err[-2000:]}"
        return process.returncode, out, err

    return run


def finish(client, call, first):
    """The first call may have given up; then the second one has a hub that lives."""
    code, out, err = first
    if code == 0:
        return out.rstrip("\n").rpartition("\n")[2]
    print(f"the first call gave up: {err[-2000:]}")
    return client.call(*call)


@pytest.mark.parametrize(
    ("pattern", "after_bytes"),
    [(XORB_UPLOAD, 10_000_000), (XORB_UPLOAD, 100_000_000), (SHARD_UPLOAD, 1)],
    ids=["first xorb", "second xorb", "shard"],
)
def test_upload(hub, alice, repo, dying, tmp_path, pattern, after_bytes):
    content = noise(f"dying upload {pattern} {after_bytes}", SIZE_BYTES)
    (tmp_path / "w.bin").write_bytes(content)
    client = Client(tmp_path / "home", alice)
    call = ("upload", repo, tmp_path / "w.bin", "w.bin")
    finish(client, call, dying(client, call, pattern, "sent", after_bytes))
    status, _, body = get(f"{hub}/{repo}/resolve/main/w.bin", alice.token)
    assert (status, sha256(body)) == (200, sha256(content))
    assert len(alice.api.list_repo_commits(repo)) == 2
    assert "0 problem(s)" in hub_command("fsck")


@pytest.mark.skipif(STORES_IN_S3, reason="clients fetch from S3, which does not die with the hub")
def test_download(alice, repo, dying, tmp_path):
    content = noise("dying download", SIZE_BYTES)
    (tmp_path / "w.bin").write_bytes(content)
    Client(tmp_path / "up", alice).call("upload", repo, tmp_path / "w.bin", "w.bin")
    client = Client(tmp_path / "down", alice)
    call = ("download", repo, "w.bin")
    path = finish(client, call, dying(client, call, XORB_FETCH, "received", 40_000_000))
    assert sha256_of_file(path) == sha256(content)


def test_download_without_xet(alice, repo, dying, tmp_path):
    content = noise("dying plain download", SIZE_BYTES)
    (tmp_path / "w.bin").write_bytes(content)
    Client(tmp_path / "up", alice).call("upload", repo, tmp_path / "w.bin", "w.bin")
    client = Client(tmp_path / "down", alice, HF_HUB_DISABLE_XET="1")
    call = ("download", repo, "w.bin")
    path = finish(client, call, dying(client, call, r"GET /.*/resolve/", "received", 40_000_000))
    assert sha256_of_file(path) == sha256(content)
