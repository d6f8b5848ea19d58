"""Make one commit of a branch or a pull request."""

import pytest
from huggingface_hub import CommitOperationAdd
from versions import HfHubHTTPError, RevisionNotFoundError, lfs_of, status_of


def titles(api, repo, **kwargs):
    return [commit.title for commit in api.list_repo_commits(repo, **kwargs)]


def test_super_squash_history(alice, repo):
    for number in range(3):
        alice.api.upload_file(path_or_fileobj=b"%d" % number, path_in_repo="a.txt", repo_id=repo)
    alice.api.upload_file(path_or_fileobj=b"\x00weights", path_in_repo="model.bin", repo_id=repo)
    alice.api.create_branch(repo, branch="feat/x")
    before = titles(alice.api, repo)
    alice.api.super_squash_history(repo, commit_message="Only one\n\nWith a body.")
    (commit,) = alice.api.list_repo_commits(repo)
    assert (commit.title, commit.message, commit.authors) == ("Only one", "With a body.", [alice.name])
    assert titles(alice.api, repo, revision="feat/x") == before
    items = {item.path: item for item in alice.api.list_repo_tree(repo)}
    assert lfs_of(items["model.bin"])[1] == 8
    with open(alice.api.hf_hub_download(repo, "a.txt"), "rb") as file:
        assert file.read() == b"2"
    with open(alice.api.hf_hub_download(repo, "model.bin"), "rb") as file:
        assert file.read() == b"\x00weights"


def test_super_squash_history_of_a_branch_and_again(alice, repo):
    alice.api.create_branch(repo, branch="feat/x")
    alice.api.upload_file(path_or_fileobj=b"x", path_in_repo="x.txt", repo_id=repo, revision="feat/x")
    for _ in range(2):
        alice.api.super_squash_history(repo, branch="feat/x")
    (title,) = titles(alice.api, repo, revision="feat/x")
    assert "feat/x" in title
    alice.api.upload_file(path_or_fileobj=b"y", path_in_repo="y.txt", repo_id=repo, revision="feat/x")
    assert len(titles(alice.api, repo, revision="feat/x")) == 2


def test_super_squash_history_of_a_pull_request(alice, bob, repo):
    bob.api.create_commit(
        repo, operations=[CommitOperationAdd("idea.txt", b"idea")], commit_message="An idea", create_pr=True
    )
    bob.api.super_squash_history(repo, branch="refs/pr/1", commit_message="The idea")
    assert titles(alice.api, repo, revision="refs/pr/1") == ["The idea"]
    assert "idea.txt" in alice.api.list_repo_files(repo, revision="refs/pr/1")


def test_who_may_not_and_what_is_not_there(alice, bob, repo):
    with pytest.raises(HfHubHTTPError) as refused:
        bob.api.super_squash_history(repo)
    assert status_of(refused.value) == 403
    with pytest.raises(RevisionNotFoundError):
        alice.api.super_squash_history(repo, branch="nope")
