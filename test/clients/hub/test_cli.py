"""The command line that comes with huggingface_hub."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from huggingface_hub import CommitOperationAdd
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


@pytest.mark.skipif(VERSION < (1, 0), reason="deleting came with 1.0")
def test_create_and_delete(alice):
    name = alice.repo_name()
    verb = "repos" if VERSION >= (1, 9) else "repo"
    cli(alice, verb, "create", name)
    assert alice.api.repo_exists(name)
    cli(alice, verb, "delete", name, *(["--yes"] if VERSION >= (1, 9) else []), check=VERSION >= (1, 9))


@pytest.mark.skipif(VERSION >= (1, 0), reason="1.0 spells its commands otherwise; they have their own test")
def test_create_as_before_1_0(alice):
    name = alice.repo_name()
    old = [name.split("/")[1], "--type", "dataset", "-y"]
    new = [name, "--repo-type", "dataset"]
    cli(alice, "repo", "create", *(new if (BIN / "hf").exists() else old))
    assert alice.api.repo_info(name, repo_type="dataset").id == name


@pytest.mark.skipif(VERSION < (1, 0), reason="branch, settings and move came with 1.0")
def test_branches_tags_settings_and_move(alice, repo):
    repos = "repos" if VERSION >= (1, 9) else "repo"
    cli(alice, repos, "branch", "create", repo, "feat/x")
    cli(alice, repos, "tag", "create", repo, "v1.0", "--message", "The first")
    assert "v1.0" in cli(alice, repos, "tag", "list", repo)
    refs = alice.api.list_repo_refs(repo)
    assert ([ref.name for ref in refs.branches], [ref.name for ref in refs.tags]) == (["feat/x", "main"], ["v1.0"])
    cli(alice, repos, "branch", "delete", repo, "feat/x")
    cli(alice, repos, "tag", "delete", repo, "v1.0", "--yes")
    refs = alice.api.list_repo_refs(repo)
    assert ([ref.name for ref in refs.branches], refs.tags) == (["main"], [])
    cli(alice, repos, "settings", repo, "--private", "--gated", "manual")
    info = alice.api.repo_info(repo)
    assert (info.private, info.gated) == (True, "manual")
    target = alice.repo_name()
    cli(alice, repos, "move", repo, target)
    assert alice.api.repo_info(target).id == target


@pytest.mark.skipif(VERSION < (0, 26), reason="deleting files came with 0.26")
def test_delete_files(alice, repo):
    operations = [CommitOperationAdd(path, b"x") for path in ("a.json", "b.json", "dir/c.txt", "keep.txt")]
    alice.api.create_commit(repo, operations, commit_message="Files")
    command = ["repos", "delete-files", repo] if VERSION >= (1, 9) else ["repo-files", repo, "delete"]
    if (BIN / "hf").exists() and VERSION < (1, 9):
        command = ["repo-files", "delete", repo]
    cli(alice, *command, "*.json", "dir/")
    assert alice.api.list_repo_files(repo) == [".gitattributes", "keep.txt"]


@pytest.mark.skipif(VERSION < (1, 9), reason="listing files and repositories came later")
def test_ls_info_and_copy(alice, repo, tmp_path):
    alice.api.upload_file(path_or_fileobj=b"text", path_in_repo="dir/a.txt", repo_id=repo)
    listed = cli(alice, "models", "ls", repo, "--recursive", "--quiet").split()
    assert {".gitattributes", "dir/", "dir/a.txt"} <= set(listed)
    found = json.loads(cli(alice, "models", "ls", "--author", alice.name, "--search", repo.split("-")[-1], "--json"))
    assert [model["id"] for model in found] == [repo]
    assert json.loads(cli(alice, "models", "info", repo, "--json"))["id"] == repo
    stored = json.loads(cli(alice, "repos", "ls", "--search", repo.split("-")[-1], "--json"))
    assert [(item["id"], item["type"], item["visibility"]) for item in stored] == [(repo, "model", "public")]
    cli(alice, "repos", "cp", f"hf://{repo}/dir/a.txt", str(tmp_path / "a.txt"))
    assert (tmp_path / "a.txt").read_text() == "text"
    cli(alice, "repos", "cp", str(tmp_path / "a.txt"), f"hf://{repo}/b.txt")
    assert "b.txt" in alice.api.list_repo_files(repo)


@pytest.mark.skipif(VERSION < (1, 9), reason="cache verify came later")
def test_verify_the_cache(alice, repo, tmp_path):
    alice.api.upload_file(path_or_fileobj=b"weights", path_in_repo="w.bin", repo_id=repo)
    alice.api.snapshot_download(repo, cache_dir=str(tmp_path))
    cli(alice, "cache", "verify", repo, "--cache-dir", str(tmp_path), "--fail-on-missing-files")


def test_refusals_are_told(alice, bob, repo):
    out = cli(bob, "upload", repo, __file__, "x.py", check=False)
    assert "403" in out
    assert "write access" in out
    missing = alice.repo_name()
    out = cli(alice, "download", missing, check=False)
    assert "not found" in out.lower()
    assert "x.py" not in alice.api.list_repo_files(repo)
