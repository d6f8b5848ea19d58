"""Upload, commit, branch, tag and read history."""

import io
import os

import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationCopy, CommitOperationDelete
from versions import (
    VERSION,
    BadRequestError,
    EntryNotFoundError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
    lfs_of,
    status_of,
)


def tree(api, repo, **kwargs):
    return {item.path: item for item in api.list_repo_tree(repo, recursive=True, **kwargs)}


def read(api, repo, path, **kwargs):
    with open(api.hf_hub_download(repo, path, **kwargs), "rb") as file:
        return file.read()


def test_upload_file(alice, repo):
    info = alice.api.upload_file(
        path_or_fileobj=b"hello", path_in_repo="dir/a b#c%d?.txt", repo_id=repo, commit_message="Say hello"
    )
    assert info.commit_url == f"{alice.api.endpoint}/{repo}/commit/{info.oid}"
    assert read(alice.api, repo, "dir/a b#c%d?.txt") == b"hello"
    newest = alice.api.list_repo_commits(repo)[0]
    assert (newest.commit_id, newest.title) == (info.oid, "Say hello")


def test_upload_the_same_again_makes_no_commit(alice, repo):
    for _ in range(2):
        alice.api.upload_file(path_or_fileobj=b"same", path_in_repo="a.txt", repo_id=repo)
    assert len(alice.api.list_repo_commits(repo)) == 2


def test_upload_lfs_by_name_and_by_size(alice, repo, tmp_path):
    large = os.urandom(11_000_000)
    (tmp_path / "large.dat").write_bytes(large)
    alice.api.upload_file(path_or_fileobj=str(tmp_path / "large.dat"), path_in_repo="large.dat", repo_id=repo)
    alice.api.upload_file(path_or_fileobj=b"\x00small", path_in_repo="small.bin", repo_id=repo)
    items = tree(alice.api, repo)
    assert items["large.dat"].lfs is not None and items["large.dat"].size == len(large)
    assert lfs_of(items["small.bin"])[1] == 6
    assert read(alice.api, repo, "large.dat") == large
    assert read(alice.api, repo, "small.bin") == b"\x00small"


def test_upload_in_parts(alice, repo, tmp_path):
    # The hub of this test takes parts of 5 MiB above 12 MB.
    content = os.urandom(17_000_000)
    path = tmp_path / "parts.safetensors"
    path.write_bytes(content)
    alice.api.upload_file(path_or_fileobj=str(path), path_in_repo="parts.safetensors", repo_id=repo)
    assert read(alice.api, repo, "parts.safetensors") == content


def test_empty_file_with_an_lfs_name_stays_regular(alice, repo):
    alice.api.upload_file(path_or_fileobj=b"", path_in_repo="empty.bin", repo_id=repo)
    item = tree(alice.api, repo)["empty.bin"]
    assert item.size == 0
    assert item.lfs is None


def test_upload_folder_with_deletes(alice, repo, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "keep.txt").write_text("keep")
    (tmp_path / "sub" / "weights.bin").write_bytes(os.urandom(100_000))
    alice.api.upload_file(path_or_fileobj=b"old", path_in_repo="old.txt", repo_id=repo)
    alice.api.upload_folder(folder_path=str(tmp_path), repo_id=repo, delete_patterns="*.txt")
    files = set(alice.api.list_repo_files(repo))
    assert files == {".gitattributes", "keep.txt", "sub/weights.bin"}


def test_every_operation_in_one_commit(alice, repo):
    alice.api.create_commit(
        repo,
        operations=[
            CommitOperationAdd("a.txt", b"a"),
            CommitOperationAdd("w.bin", b"\x01weights"),
            CommitOperationAdd("dir/x.txt", b"x"),
            CommitOperationAdd("dir/y.txt", b"y"),
        ],
        commit_message="Prepare",
    )
    info = alice.api.create_commit(
        repo,
        operations=[
            CommitOperationAdd("b.txt", io.BytesIO(b"b")),
            CommitOperationCopy("w.bin", "copy.bin"),
            CommitOperationDelete("a.txt"),
            CommitOperationDelete("dir/", is_folder=True),
        ],
        commit_message="Everything",
        commit_description="At once",
    )
    assert set(alice.api.list_repo_files(repo)) == {".gitattributes", "b.txt", "w.bin", "copy.bin"}
    assert read(alice.api, repo, "copy.bin") == b"\x01weights"
    newest = alice.api.list_repo_commits(repo)[0]
    assert newest.commit_id == info.oid
    assert newest.message == "At once"


def test_delete_missing_file(alice, repo):
    with pytest.raises(EntryNotFoundError):
        alice.api.delete_file("missing.txt", repo)


def test_delete_folder(alice, repo):
    alice.api.upload_file(path_or_fileobj=b"x", path_in_repo="folder/x.txt", repo_id=repo)
    alice.api.delete_folder("folder", repo)
    assert alice.api.list_repo_files(repo) == [".gitattributes"]


def test_stale_parent_is_refused(alice, repo):
    first = alice.api.upload_file(path_or_fileobj=b"1", path_in_repo="a.txt", repo_id=repo)
    alice.api.upload_file(path_or_fileobj=b"2", path_in_repo="a.txt", repo_id=repo)
    with pytest.raises(HfHubHTTPError) as caught:
        alice.api.create_commit(
            repo, operations=[CommitOperationAdd("b.txt", b"b")], commit_message="late", parent_commit=first.oid
        )
    assert status_of(caught.value) == 412
    assert "Please refresh and try again." in str(caught.value)


def test_commit_by_a_stranger_is_refused(bob, repo):
    with pytest.raises(HfHubHTTPError) as caught:
        bob.api.upload_file(path_or_fileobj=b"x", path_in_repo="x.txt", repo_id=repo)
    assert status_of(caught.value) == 403


def test_commit_to_a_missing_branch_or_repository(alice, repo):
    with pytest.raises(RevisionNotFoundError):
        alice.api.upload_file(path_or_fileobj=b"x", path_in_repo="x.txt", repo_id=repo, revision="missing")
    with pytest.raises(RepositoryNotFoundError):
        alice.api.upload_file(path_or_fileobj=b"x", path_in_repo="x.txt", repo_id=alice.repo_name())


@pytest.mark.skipif(VERSION < (0, 22), reason="older releases do not ask the hub to validate cards")
def test_bad_card_is_refused_before_the_commit(alice, repo):
    with pytest.raises((ValueError, BadRequestError)):
        alice.api.upload_file(
            path_or_fileobj=b"---\nmodel-index: foo\n---\n", path_in_repo="README.md", repo_id=repo
        )
    assert len(alice.api.list_repo_commits(repo)) == 1


def test_pull_request_by_commit(alice, bob, repo):
    info = bob.api.create_commit(
        repo,
        operations=[CommitOperationAdd("idea.txt", b"idea"), CommitOperationAdd("idea.bin", b"\x00idea")],
        commit_message="An idea",
        create_pr=True,
    )
    assert info.pr_revision == "refs/pr/1"
    assert "idea.txt" not in alice.api.list_repo_files(repo)
    assert "idea.txt" in alice.api.list_repo_files(repo, revision="refs/pr/1")
    assert read(alice.api, repo, "idea.bin", revision="refs/pr/1") == b"\x00idea"
    bob.api.upload_file(path_or_fileobj=b"more", path_in_repo="more.txt", repo_id=repo, revision="refs/pr/1")
    assert "more.txt" in alice.api.list_repo_files(repo, revision="refs/pr/1")
    if VERSION >= (0, 23):
        refs = alice.api.list_repo_refs(repo, include_pull_requests=True)
        assert [ref.ref for ref in refs.pull_requests] == ["refs/pr/1"]


def test_gitattributes_decide_the_mode(alice, repo):
    alice.api.upload_file(
        path_or_fileobj=b"*.png filter=lfs diff=lfs merge=lfs -text\n", path_in_repo=".gitattributes", repo_id=repo
    )
    alice.api.upload_file(path_or_fileobj=b"png", path_in_repo="image.png", repo_id=repo)
    alice.api.upload_file(path_or_fileobj=b"bin", path_in_repo="now-regular.bin", repo_id=repo)
    items = tree(alice.api, repo)
    assert items["image.png"].lfs is not None
    assert items["now-regular.bin"].lfs is None


def test_gitignore_drops_files(alice, repo):
    alice.api.upload_file(path_or_fileobj=b"*.log\n", path_in_repo=".gitignore", repo_id=repo)
    alice.api.create_commit(
        repo,
        operations=[CommitOperationAdd("x.log", b"no"), CommitOperationAdd("x.txt", b"yes")],
        commit_message="Add both",
    )
    files = alice.api.list_repo_files(repo)
    assert "x.txt" in files
    assert VERSION < (0, 21) or "x.log" not in files


def test_branches_and_tags(alice, bob, repo):
    first = alice.api.upload_file(path_or_fileobj=b"1", path_in_repo="a.txt", repo_id=repo)
    alice.api.create_branch(repo, branch="feat/x")
    with pytest.raises(HfHubHTTPError) as caught:
        alice.api.create_branch(repo, branch="feat/x")
    assert status_of(caught.value) == 409
    alice.api.create_branch(repo, branch="feat/x", exist_ok=True)
    alice.api.upload_file(path_or_fileobj=b"2", path_in_repo="a.txt", repo_id=repo, revision="feat/x")
    assert read(alice.api, repo, "a.txt") == b"1"
    assert read(alice.api, repo, "a.txt", revision="feat/x") == b"2"
    alice.api.create_branch(repo, branch="from-commit", revision=first.oid)

    alice.api.create_tag(repo, tag="v1", revision=first.oid[:7], tag_message="The first")
    alice.api.create_tag(repo, tag="light")
    with pytest.raises(HfHubHTTPError) as caught:
        alice.api.create_tag(repo, tag="v1")
    assert status_of(caught.value) == 409
    alice.api.create_tag(repo, tag="v1", exist_ok=True)
    with pytest.raises(RevisionNotFoundError):
        alice.api.create_tag(repo, tag="v2", revision="missing")

    refs = alice.api.list_repo_refs(repo)
    assert {ref.name: ref.ref for ref in refs.branches} == {
        "main": "refs/heads/main",
        "feat/x": "refs/heads/feat/x",
        "from-commit": "refs/heads/from-commit",
    }
    assert {tag.name: tag.target_commit for tag in refs.tags} == {"v1": first.oid, "light": first.oid}
    assert alice.api.repo_info(repo, revision="v1").sha == first.oid

    with pytest.raises(HfHubHTTPError):
        bob.api.create_branch(repo, branch="mine")
    with pytest.raises(HfHubHTTPError):
        bob.api.delete_tag(repo, tag="v1")
    with pytest.raises(HfHubHTTPError) as caught:
        alice.api.delete_branch(repo, branch="main")
    assert "Cannot delete refs/heads/main" in str(caught.value)
    alice.api.delete_branch(repo, branch="feat/x")
    with pytest.raises(HfHubHTTPError) as caught:
        alice.api.delete_branch(repo, branch="feat/x")
    assert "Invalid rev id" in str(caught.value)
    alice.api.delete_tag(repo, tag="v1")
    with pytest.raises(RevisionNotFoundError):
        alice.api.delete_tag(repo, tag="v1")


def test_commits_page_and_format(alice, repo):
    for index in range(60):
        alice.api.upload_file(path_or_fileobj=str(index).encode(), path_in_repo="a.txt", repo_id=repo)
    commits = alice.api.list_repo_commits(repo, formatted=True)
    assert len(commits) == 61
    assert commits[0].formatted_title is not None
    assert commits[-1].title == "initial commit"
