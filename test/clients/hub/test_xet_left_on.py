"""What works without HF_HUB_DISABLE_XET, which the other tests set."""

import os
import subprocess
import sys

import pytest
from versions import VERSION

UPLOAD = """
import sys
from huggingface_hub import HfApi
repo, path = sys.argv[1:]
HfApi().upload_file(path_or_fileobj=path, path_in_repo="w.bin", repo_id=repo)
"""
DOWNLOAD = """
import shutil, sys
from huggingface_hub import hf_hub_download, snapshot_download
repo, path = sys.argv[1:]
shutil.copy(hf_hub_download(repo, "w.bin"), path)
snapshot_download(repo)
"""


def run(user, script, *args):
    env = {**os.environ, "HF_TOKEN": user.token}
    for name in ("HF_HUB_DISABLE_XET", "HF_HUB_DISABLE_IMPLICIT_TOKEN"):
        env.pop(name)
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, args)], env=env, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr


def test_download(alice, repo, tmp_path):
    content = os.urandom(100_000)
    alice.api.upload_file(path_or_fileobj=content, path_in_repo="w.bin", repo_id=repo)
    run(alice, DOWNLOAD, repo, tmp_path / "w.bin")
    assert (tmp_path / "w.bin").read_bytes() == content


@pytest.mark.skipif(VERSION >= (1, 20), reason="releases from 1.20 on upload by Xet only, unless it is disabled")
def test_upload(alice, repo, tmp_path):
    (tmp_path / "w.bin").write_bytes(os.urandom(100_000))
    run(alice, UPLOAD, repo, tmp_path / "w.bin")
    with open(alice.api.hf_hub_download(repo, "w.bin"), "rb") as file:
        assert file.read() == (tmp_path / "w.bin").read_bytes()
