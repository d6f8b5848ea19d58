"""Uploads of a default install, which go by Xet."""

import io
import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationCopy, CommitOperationDelete
from uploads import (
    LFS_BATCH,
    LFS_UPLOAD,
    RECONSTRUCTION,
    SHARD_UPLOAD,
    STORES_IN_S3,
    WRITE_TOKEN,
    XET,
    XET_ENABLED,
    XORB_UPLOAD,
    Client,
    floats,
    get,
    noise,
    sha256,
    text,
)
from versions import VERSION, HfHubHTTPError, RepositoryNotFoundError, lfs_of, status_of

BIN = pathlib.Path(sys.executable).parent
EDIT = b"twenty-seven bytes inserted"


def plain(hub, user, repo, path, revision="main"):
    """What somebody without any client gets."""
    status, _, body = get(f"{hub}/{repo}/resolve/{revision}/{path}", user.token)
    assert status == 200, body
    return body


def item_of(api, repo, path, **kwargs):
    (item,) = api.get_paths_info(repo, [path], **kwargs)
    return item


def upload(user, repo, path, content, **kwargs):
    return user.api.upload_file(path_or_fileobj=content, path_in_repo=path, repo_id=repo, **kwargs)


CONTENTS = {
    "noise": lambda: noise("upload", 12_000_000),
    "floats": lambda: floats("upload", 500_000),
    "text": lambda: text("upload", 200_000),
    "zeros": lambda: bytes(3_000_000),
    "five bytes": lambda: b"small",
}


@pytest.mark.parametrize("kind", CONTENTS)
@pytest.mark.parametrize("from_disk", [True, False], ids=["file", "bytes"])
def test_upload_file(hub, alice, repo, traffic, tmp_path, kind, from_disk):
    content = CONTENTS[kind]()
    (tmp_path / "w").write_bytes(content)
    upload(alice, repo, "model.safetensors", str(tmp_path / "w") if from_disk else content)
    assert traffic.count(WRITE_TOKEN) >= 1
    assert traffic.count(SHARD_UPLOAD) >= 1
    assert traffic.count(LFS_UPLOAD) == 0
    assert plain(hub, alice, repo, "model.safetensors") == content
    assert lfs_of(item_of(alice.api, repo, "model.safetensors")) == (sha256(content), len(content))


def test_how_this_release_learns_that_there_is_xet(alice, repo, traffic):
    """0.30 to 0.35 ask the repository, 0.36 to 1.19 the LFS batch, newer ones nobody."""
    upload(alice, repo, "w.bin", noise("negotiation", 100_000))
    asked = {"repository": traffic.count(XET_ENABLED), "batch": traffic.count(LFS_BATCH)}
    if VERSION < (0, 36):
        assert asked == {"repository": 1, "batch": 0}
    elif VERSION < (1, 20):
        assert asked == {"repository": 0, "batch": 1}
    else:
        assert asked == {"repository": 0, "batch": 0}
    assert traffic.count(XORB_UPLOAD) == 1
    assert traffic.sent(XORB_UPLOAD) > 100_000


def test_open_files_go_by_lfs(hub, alice, repo, traffic):
    content = noise("buffer", 300_000)
    upload(alice, repo, "w.bin", io.BytesIO(content))
    assert traffic.count(XORB_UPLOAD) == 0
    assert traffic.count(LFS_UPLOAD) == 1 or STORES_IN_S3
    assert plain(hub, alice, repo, "w.bin") == content


def test_empty_file(hub, alice, repo, traffic, tmp_path):
    """An empty file is a regular one, whatever its name says."""
    (tmp_path / "empty.bin").write_bytes(b"")
    upload(alice, repo, "empty.bin", str(tmp_path / "empty.bin"))
    assert traffic.count(XET) == 0
    item = item_of(alice.api, repo, "empty.bin")
    assert (item.size, item.lfs) == (0, None)
    assert plain(hub, alice, repo, "empty.bin") == b""


def test_upload_folder_shares_xorbs(hub, alice, repo, traffic, tmp_path):
    files = {f"{index % 4}/{index:02d}.bin": noise(f"folder {index}", 100_000 + index) for index in range(40)}
    files |= {"twin.bin": files["0/00.bin"], "config.json": b"{}", "empty.bin": b"", "old/note.txt": b"old"}
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
    alice.api.upload_folder(folder_path=str(tmp_path), repo_id=repo)
    assert set(alice.api.list_repo_files(repo)) == {".gitattributes", *files}
    # 4 MB of files in one xorb.
    assert traffic.count(XORB_UPLOAD) == 1
    assert 4_000_000 < traffic.sent(XORB_UPLOAD) < 4_200_000
    for path in ("0/00.bin", "3/39.bin", "twin.bin"):
        assert plain(hub, alice, repo, path) == files[path]
    assert len(alice.api.list_repo_commits(repo)) == 2

    # The same folder with one change, one new file and without another.
    (tmp_path / "1/01.bin").write_bytes(files["1/01.bin"] + EDIT)
    (tmp_path / "new.bin").write_bytes(noise("new in the folder", 200_000))
    shutil.rmtree(tmp_path / "old")
    shutil.rmtree(tmp_path / "2")
    before = traffic.sent(XORB_UPLOAD)
    alice.api.upload_folder(folder_path=str(tmp_path), repo_id=repo, delete_patterns=["2/*", "old/*"])
    left = {path for path in files if not path.startswith(("2/", "old/"))}
    assert set(alice.api.list_repo_files(repo)) == {".gitattributes", "new.bin", *left}
    assert traffic.sent(XORB_UPLOAD) - before < 500_000
    assert plain(hub, alice, repo, "1/01.bin") == files["1/01.bin"] + EDIT
    assert plain(hub, alice, repo, "new.bin") == noise("new in the folder", 200_000)
    assert plain(hub, alice, repo, "3/39.bin") == files["3/39.bin"]


def test_several_operations_in_one_commit(hub, alice, repo, traffic, tmp_path):
    first, second, third = (noise(f"operations {index}", 1_000_000) for index in range(3))
    (tmp_path / "second").write_bytes(second)
    alice.api.create_commit(
        repo,
        [CommitOperationAdd("a.bin", first), CommitOperationAdd("b.bin", str(tmp_path / "second"))],
        commit_message="Prepare",
    )
    alice.api.create_commit(
        repo,
        [
            CommitOperationAdd("c.bin", third),
            CommitOperationAdd("note.txt", b"regular"),
            CommitOperationCopy("b.bin", "copy.bin"),
            CommitOperationDelete("a.bin"),
        ],
        commit_message="Everything",
    )
    assert traffic.count(LFS_UPLOAD) == 0
    assert set(alice.api.list_repo_files(repo)) == {".gitattributes", "b.bin", "c.bin", "copy.bin", "note.txt"}
    for path, content in {"b.bin": second, "c.bin": third, "copy.bin": second}.items():
        assert plain(hub, alice, repo, path) == content


def test_the_same_again_sends_nothing_and_commits_nothing(alice, repo, traffic):
    content = noise("twice", 2_000_000)
    upload(alice, repo, "w.bin", content)
    before = traffic.sent(XORB_UPLOAD)
    upload(alice, repo, "w.bin", content)
    assert len(alice.api.list_repo_commits(repo)) == 2
    assert traffic.sent(XORB_UPLOAD) == before


def test_an_edited_file_from_a_clean_cache(hub, alice, repo, wire, tmp_path):
    """Somebody else's machine learns from the hub which chunks are there."""
    content = noise("edited", 40_000_000)
    edited = content[:13_000_000] + EDIT + content[13_000_000:27_000_000] + content[27_000_100:]
    (tmp_path / "first").write_bytes(content)
    (tmp_path / "second").write_bytes(edited)
    first = wire.traffic()
    Client(tmp_path / "one", alice).call("upload", repo, tmp_path / "first", "w.bin")
    assert first.sent(XORB_UPLOAD) > 40_000_000
    second = wire.traffic()
    Client(tmp_path / "two", alice).call("upload", repo, tmp_path / "second", "w.bin")
    assert second.sent(XORB_UPLOAD) > 0
    assert second.sent(XET) < 1_000_000
    assert second.count(LFS_UPLOAD) == 0
    assert sha256(plain(hub, alice, repo, "w.bin")) == sha256(edited)
    # The version before is still there.
    commit = alice.api.list_repo_commits(repo)[1].commit_id
    assert sha256(plain(hub, alice, repo, "w.bin", commit)) == sha256(content)


def test_delete_and_upload_again(hub, alice, repo, traffic, tmp_path):
    content = noise("again", 5_000_000)
    (tmp_path / "w.bin").write_bytes(content)
    Client(tmp_path / "one", alice).call("upload", repo, tmp_path / "w.bin", "w.bin")
    alice.api.delete_file("w.bin", repo)
    assert get(f"{hub}/{repo}/resolve/main/w.bin", alice.token)[0] == 404
    before = traffic.sent(XORB_UPLOAD)
    Client(tmp_path / "two", alice).call("upload", repo, tmp_path / "w.bin", "again.bin")
    assert traffic.sent(XORB_UPLOAD) - before < 1_000_000
    assert plain(hub, alice, repo, "again.bin") == content


def test_a_known_file_to_another_repository(hub, alice, bob, repo, tmp_path):
    """Other people upload the same bytes, with or without a cache that knows them."""
    content = noise("many owners", 3_000_000)
    upload(alice, repo, "w.bin", content)
    other = bob.repo_name()
    bob.api.create_repo(other, private=True)
    upload(bob, other, "w.bin", content)
    third = bob.repo_name()
    bob.api.create_repo(third)
    (tmp_path / "w.bin").write_bytes(content)
    Client(tmp_path, bob).call("upload", third, tmp_path / "w.bin", "w.bin")
    for name in (other, third):
        assert plain(hub, bob, name, "w.bin") == content


def test_a_pull_request_by_a_stranger(hub, alice, bob, repo, traffic):
    content = noise("idea", 1_500_000)
    info = upload(bob, repo, "idea.bin", content, create_pr=True)
    assert info.pr_revision == "refs/pr/1"
    assert traffic.count(SHARD_UPLOAD) >= 1
    assert traffic.count(LFS_UPLOAD) == 0
    assert "idea.bin" not in alice.api.list_repo_files(repo)
    assert plain(hub, alice, repo, "idea.bin", "refs%2Fpr%2F1") == content
    more = noise("more", 700_000)
    upload(bob, repo, "more.bin", more, revision="refs/pr/1")
    assert plain(hub, bob, repo, "more.bin", "refs%2Fpr%2F1") == more


def test_a_folder_as_a_pull_request(hub, bob, repo, tmp_path):
    """From 1.20 on, clients open the pull request first and then commit to it."""
    content = noise("folder idea", 1_000_000)
    (tmp_path / "w.bin").write_bytes(content)
    (tmp_path / "notes.txt").write_text("notes")
    info = bob.api.upload_folder(
        repo_id=repo, folder_path=tmp_path, commit_message="An idea", commit_description="Why", create_pr=True
    )
    assert info.pr_url == f"{hub}/{repo}/discussions/1"
    assert info.pr_revision == "refs/pr/1"
    assert bob.api.list_repo_files(repo) == [".gitattributes"]
    assert set(bob.api.list_repo_files(repo, revision="refs/pr/1")) == {".gitattributes", "notes.txt", "w.bin"}
    assert plain(hub, bob, repo, "w.bin", "refs%2Fpr%2F1") == content
    details = bob.api.get_discussion_details(repo, 1)
    assert (details.title, details.is_pull_request, details.author) == ("An idea", True, bob.name)
    assert (details.target_branch, details.conflicting_files) == ("refs/heads/main", [])
    assert [event.type for event in details.events] == ["comment", "commit"]
    assert details.events[1].summary == "An idea"
    assert "+notes" in details.diff
    assert [(listed.num, listed.title) for listed in bob.api.get_repo_discussions(repo)] == [(1, "An idea")]


def test_strangers_may_not_upload(alice, bob, alice_reading, repo, traffic):
    for user in (bob, alice_reading):
        with pytest.raises(HfHubHTTPError) as caught:
            upload(user, repo, "w.bin", noise("refused", 100_000))
        assert status_of(caught.value) == 403
    hidden = alice.repo_name()
    alice.api.create_repo(hidden, private=True)
    with pytest.raises(RepositoryNotFoundError):
        upload(bob, hidden, "w.bin", noise("refused", 100_000))
    assert traffic.count(XET) == 0
    for name in (repo, hidden):
        assert alice.api.list_repo_files(name) == [".gitattributes"]


@pytest.mark.parametrize("repo_type", ["dataset", "space"])
def test_datasets_and_spaces(hub, alice, traffic, repo_type):
    name = alice.repo_name()
    kwargs = {"space_sdk": "static"} if repo_type == "space" else {}
    alice.api.create_repo(name, repo_type=repo_type, **kwargs)
    content = noise(repo_type, 1_000_000)
    upload(alice, name, "data/w.parquet", content, repo_type=repo_type)
    assert traffic.count(SHARD_UPLOAD) >= 1
    with open(alice.api.hf_hub_download(name, "data/w.parquet", repo_type=repo_type), "rb") as file:
        assert file.read() == content
    assert plain(hub, alice, f"{repo_type}s/{name}", "data/w.parquet") == content


def test_command_line(hub, alice, repo, traffic, tmp_path):
    def cli(home, *args):
        env = {**os.environ, "HF_TOKEN": alice.token, "HF_HOME": str(home), "HF_XET_CACHE": str(home / "xet")}
        env.pop("HF_HUB_DISABLE_IMPLICIT_TOKEN")
        done = subprocess.run([str(BIN / "hf"), *args], env=env, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, f"{args}: {done.stdout}\n{done.stderr}"

    source = tmp_path / "source"
    source.mkdir()
    files = {"a.bin": noise("command line a", 3_000_000), "b.safetensors": floats("command line", 100_000), "c.txt": b"c"}
    for path, content in files.items():
        (source / path).write_bytes(content)
    cli(tmp_path / "one", "upload", repo, str(source), ".")
    assert traffic.count(SHARD_UPLOAD) >= 1
    assert traffic.count(LFS_UPLOAD) == 0
    cli(tmp_path / "two", "download", repo, "--local-dir", str(tmp_path / "target"))
    assert traffic.count(RECONSTRUCTION) >= 2
    for path, content in files.items():
        assert (tmp_path / "target" / path).read_bytes() == content
        assert plain(hub, alice, repo, path) == content
