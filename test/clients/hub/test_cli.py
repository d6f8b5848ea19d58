"""The command line that comes with huggingface_hub."""

import os
import pathlib
import shutil
import subprocess
import sys

from versions import VERSION

BIN = pathlib.Path(sys.executable).parent


def cli(user, *args, check=True):
    name = "hf" if (BIN / "hf").exists() else "huggingface-cli"
    assert shutil.which(str(BIN / name)), f"{name} is not installed"
    env = {**os.environ, "HF_TOKEN": user.token}
    env.pop("HF_HUB_DISABLE_IMPLICIT_TOKEN", None)
    done = subprocess.run([str(BIN / name), *args], env=env, capture_output=True, text=True, check=False, timeout=120)
    assert not check or done.returncode == 0, f"{args}: {done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def test_whoami(alice):
    args = ["auth", "whoami"] if (BIN / "hf").exists() else ["whoami"]
    assert alice.name in cli(alice, *args)


def test_upload_and_download(alice, repo, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "note.txt").write_text("from the command line")
    (source / "weights.bin").write_bytes(os.urandom(50_000))
    cli(alice, "upload", repo, str(source), ".")
    target = tmp_path / "target"
    cli(alice, "download", repo, "--local-dir", str(target))
    for name in ("note.txt", "weights.bin"):
        assert (target / name).read_bytes() == (source / name).read_bytes()


def test_upload_makes_the_branch(alice, repo, tmp_path):
    note = tmp_path / "note.txt"
    note.write_text("on a branch")
    cli(alice, "upload", repo, str(note), "note.txt", "--revision", "work")
    assert "note.txt" in alice.api.list_repo_files(repo, revision="work")
    assert "note.txt" not in alice.api.list_repo_files(repo)


def test_create_and_delete(alice):
    if VERSION < (1, 0):
        return
    name = alice.repo_name()
    verb = "repos" if VERSION >= (1, 9) else "repo"
    cli(alice, verb, "create", name)
    assert alice.api.repo_exists(name)
    cli(alice, verb, "delete", name, *(["--yes"] if VERSION >= (1, 9) else []), check=VERSION >= (1, 9))
