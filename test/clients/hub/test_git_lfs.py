"""git-lfs with the transfer agent that huggingface_hub brings for files of more than 5 GB."""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import urllib.request

import pytest
from uploads import LFS_UPLOAD, STORES_IN_S3

BIN = pathlib.Path(sys.executable).parent
MULTIPART_THRESHOLD = 12_000_000
PART = 5 * 2**20


class Clone:
    """A clone of a repository, with git-lfs, in a home of its own."""

    def __init__(self, home, hub, user, repo):
        self._env = {
            **os.environ,
            "HOME": str(home),
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
        }
        self.path = home / "clone"
        self._home = home
        self.run("git", "lfs", "install", "--skip-repo", cwd=home)
        for key, value in (("user.name", user.name), ("user.email", f"{user.name}@example.test")):
            self.run("git", "config", "--global", key, value, cwd=home)
        remote = f"{hub}/{repo}".replace("://", f"://{user.name}:{user.token}@")
        self.run("git", "clone", "-q", remote, str(self.path), cwd=home)

    def run(self, *command, cwd=None, check=True):
        done = subprocess.run(
            command, cwd=cwd or self.path, env=self._env, capture_output=True, text=True, check=False, timeout=300
        )
        assert not check or done.returncode == 0, f"{command}: {done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def commit(self, **files):
        for name, content in files.items():
            (self.path / f"{name}.bin").write_bytes(content)
        self.run("git", "add", "--all")
        self.run("git", "commit", "-q", "-m", "Add files")


@pytest.fixture
def clone(hub, alice, repo, tmp_path):
    assert shutil.which("git-lfs"), "git-lfs is not installed"
    return Clone(tmp_path, hub, alice, repo)


def enable_large_files(clone):
    name = "hf" if (BIN / "hf").exists() else "huggingface-cli"
    clone.run(name, "lfs-enable-largefiles", str(clone.path))


def content_of(hub, repo, path):
    return urllib.request.urlopen(f"{hub}/{repo}/resolve/main/{path}").read()


def test_push_in_parts(hub, repo, clone, traffic):
    enable_large_files(clone)
    large = os.urandom(MULTIPART_THRESHOLD + 1_000_000)
    small = os.urandom(1000)
    clone.commit(large=large, small=small)
    clone.run("git", "push", "-q", "origin", "main")
    parts = -(-len(large) // PART)
    assert traffic.count(r"POST /api/lfs/complete") == 2
    # The agent takes every file of the push, the small one as one part.
    assert traffic.count(LFS_UPLOAD) == parts + 1 or STORES_IN_S3
    assert hashlib.sha256(content_of(hub, repo, "large.bin")).digest() == hashlib.sha256(large).digest()
    assert content_of(hub, repo, "small.bin") == small


def test_more_than_nine_parts_stay_in_order(hub, repo, clone, traffic):
    """The agent sends parts in the order of the keys as text."""
    enable_large_files(clone)
    large = os.urandom(11 * PART + 1)
    clone.commit(large=large)
    clone.run("git", "push", "-q", "origin", "main")
    assert traffic.count(LFS_UPLOAD) == 12 or STORES_IN_S3
    assert hashlib.sha256(content_of(hub, repo, "large.bin")).digest() == hashlib.sha256(large).digest()


def test_push_without_the_agent(hub, repo, clone, traffic):
    large = os.urandom(MULTIPART_THRESHOLD + 1_000_000)
    clone.commit(large=large)
    clone.run("git", "push", "-q", "origin", "main")
    assert traffic.count(LFS_UPLOAD) == 1 or STORES_IN_S3
    assert hashlib.sha256(content_of(hub, repo, "large.bin")).digest() == hashlib.sha256(large).digest()


def test_what_huggingface_hub_uploads_is_pulled(alice, repo, clone, tmp_path):
    content = os.urandom(2_000_000)
    alice.api.upload_file(path_or_fileobj=content, path_in_repo="w.bin", repo_id=repo)
    (tmp_path / "file.bin").write_bytes(content[::-1])
    alice.api.upload_file(path_or_fileobj=tmp_path / "file.bin", path_in_repo="f.bin", repo_id=repo)
    clone.run("git", "pull", "-q")
    assert (clone.path / "w.bin").read_bytes() == content
    assert (clone.path / "f.bin").read_bytes() == content[::-1]
    assert clone.run("git", "status", "--porcelain") == ""
