"""Names of files, revisions and repositories that have to survive the way through URLs."""

import os
import pathlib

import pytest
from huggingface_hub import CommitOperationAdd

PATHS = [
    "a b.txt",
    "what?.txt",
    "100%.txt",
    "%41%2F.txt",
    "at 12:30.txt",
    "a,b;c.txt",
    "#hash.txt",
    "a+b&c=d.txt",
    "ünïcödé/日本語.txt",
    "emoji-🤗.bin",
    "quote'\".txt",
    "(x) [y] {z}~!@$^.txt",
]


@pytest.fixture(scope="module")
def named(alice):
    repo = alice.repo_name()
    alice.api.create_repo(repo)
    operations = [CommitOperationAdd(path, path.encode()) for path in PATHS]
    alice.api.create_commit(repo, operations, commit_message="Names")
    return repo


@pytest.mark.parametrize("path", PATHS)
def test_file_name(alice, named, path, tmp_path):
    downloaded = pathlib.Path(alice.api.hf_hub_download(named, path, cache_dir=str(tmp_path)))
    assert downloaded.read_bytes() == path.encode()
    assert downloaded.as_posix().endswith(f"/{path}")
    assert alice.api.file_exists(named, path)
    assert [item.path for item in alice.api.get_paths_info(named, [path])] == [path]
    folder = path.rpartition("/")[0]
    assert path in [item.path for item in alice.api.list_repo_tree(named, folder or None)]


def test_snapshot_of_all_names(alice, named, tmp_path):
    folder = pathlib.Path(alice.api.snapshot_download(named, cache_dir=str(tmp_path)))
    assert {path: (folder / path).read_text() for path in PATHS} == {path: path for path in PATHS}
    alice.api.delete_file("what?.txt", named)
    assert "what?.txt" not in alice.api.list_repo_files(named)


@pytest.mark.parametrize("repo_type", ["model", "dataset", "space"])
def test_case_of_the_repository(alice, repo_type):
    name = f"{alice.name}/Mixed-Case_{repo_type}.v1"
    alice.api.create_repo(name, repo_type=repo_type, **({"space_sdk": "static"} if repo_type == "space" else {}))
    other = name.upper()
    kwargs = {"repo_type": repo_type}
    assert alice.api.repo_info(other, **kwargs).id == name
    done = alice.api.upload_file(path_or_fileobj=b"x", path_in_repo="x.txt", repo_id=other, **kwargs)
    assert done.oid == alice.api.repo_info(name, **kwargs).sha
    alice.api.upload_file(path_or_fileobj=b"\x00w", path_in_repo="w.bin", repo_id=other, **kwargs)
    for spelling in (name, other):
        with open(alice.api.hf_hub_download(spelling, "w.bin", **kwargs), "rb") as file:
            assert file.read() == b"\x00w"


@pytest.mark.parametrize("revision", ["feat/x", "v1.0", "a+b", "ünï", "100%", "refs/pr/1"])
def test_revision_name(alice, repo, revision):
    if revision == "refs/pr/1":
        alice.api.create_commit(repo, [CommitOperationAdd("a.txt", b"1")], commit_message="PR", create_pr=True)
    else:
        alice.api.create_branch(repo, branch=revision)
    content = os.urandom(2000)
    done = alice.api.upload_file(path_or_fileobj=content, path_in_repo="w.bin", repo_id=repo, revision=revision)
    assert alice.api.repo_info(repo, revision=revision).sha == done.oid
    assert alice.api.list_repo_commits(repo, revision=revision)[0].commit_id == done.oid
    assert "w.bin" in [item.path for item in alice.api.list_repo_tree(repo, revision=revision)]
    assert [item.path for item in alice.api.get_paths_info(repo, ["w.bin"], revision=revision)] == ["w.bin"]
    with open(alice.api.hf_hub_download(repo, "w.bin", revision=revision), "rb") as file:
        assert file.read() == content
    alice.api.create_tag(repo, tag="here", revision=revision)
    assert alice.api.repo_info(repo, revision="here").sha == done.oid
    assert "w.bin" not in alice.api.list_repo_files(repo)
