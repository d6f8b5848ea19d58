"""Large folders, files that are uploaded ahead of their commit, uploads in the background."""

import io
import os
import pathlib

import pytest
from huggingface_hub import CommitOperationAdd, CommitScheduler, preupload_lfs_files
from huggingface_hub.utils import get_session
from versions import VERSION, lfs_of


@pytest.fixture(scope="module")
def wide(alice):
    """A dataset with 2,500 files in one folder and 40 in another."""
    name = alice.repo_name()
    alice.api.create_repo(name, repo_type="dataset")
    operations = [CommitOperationAdd(f"data/{index:04d}.txt", str(index).encode()) for index in range(2500)]
    operations += [CommitOperationAdd(f"other/{index}/x.txt", b"x") for index in range(40)]
    alice.api.create_commit(name, operations, commit_message="Many files", repo_type="dataset")
    return name


def test_tree_of_many_pages(hub, alice, wide):
    names = {f"data/{index:04d}.txt" for index in range(2500)}
    listed = [item.path for item in alice.api.list_repo_tree(wide, "data", repo_type="dataset")]
    assert len(listed) == 2500
    assert set(listed) == names
    everything = [item.path for item in alice.api.list_repo_tree(wide, recursive=True, repo_type="dataset")]
    assert len(everything) == len(set(everything)) == 2500 + 40 * 2 + 3
    expanded = list(alice.api.list_repo_tree(wide, "data", expand=True, repo_type="dataset"))
    assert {item.last_commit["title"] for item in expanded} == {"Many files"}
    assert len(alice.api.list_repo_files(wide, repo_type="dataset")) == 2500 + 40 + 1
    url = f"{hub}/api/datasets/{wide}/tree/main/data?recursive=false&expand=false"
    link = get_session().get(url).headers["Link"]
    assert link.startswith(f"<{hub}/api/datasets/{wide}/tree/main/data?")
    assert link.endswith('>; rel="next"')


def test_snapshot_of_a_part(alice, wide, tmp_path):
    folder = alice.api.snapshot_download(
        wide, repo_type="dataset", allow_patterns="data/24*.txt", cache_dir=str(tmp_path)
    )
    assert len(list(pathlib.Path(folder).rglob("*.txt"))) == 100


def test_preupload_lfs_files(alice, repo):
    contents = [os.urandom(50_000) for _ in range(4)]
    additions = [CommitOperationAdd(f"w{index}.bin", content) for index, content in enumerate(contents)]
    for addition in additions:
        alice.api.preupload_lfs_files(repo, additions=[addition])
    assert alice.api.list_repo_files(repo) == [".gitattributes"]
    alice.api.create_commit(repo, additions, commit_message="All at once")
    items = alice.api.get_paths_info(repo, [addition.path_in_repo for addition in additions])
    assert [lfs_of(item)[1] for item in items] == [50_000] * 4
    with open(alice.api.hf_hub_download(repo, "w3.bin"), "rb") as file:
        assert file.read() == contents[3]


def test_preupload_lfs_files_in_parts(alice, repo, tmp_path):
    content = os.urandom(13_000_000)
    (tmp_path / "parts.bin").write_bytes(content)
    addition = CommitOperationAdd("parts.bin", str(tmp_path / "parts.bin"))
    preupload_lfs_files(repo, additions=[addition], token=alice.token)
    alice.api.create_commit(repo, [addition], commit_message="Parts")
    with open(alice.api.hf_hub_download(repo, "parts.bin"), "rb") as file:
        assert file.read() == content


def test_open_files_go_by_lfs(alice, repo, tmp_path):
    (tmp_path / "w.bin").write_bytes(b"\x00" * 20_000)
    with open(tmp_path / "w.bin", "rb") as file:
        alice.api.upload_file(path_or_fileobj=file, path_in_repo="w.bin", repo_id=repo)
    alice.api.upload_file(path_or_fileobj=io.BytesIO(b"\x01" * 30_000), path_in_repo="v.bin", repo_id=repo)
    items = alice.api.get_paths_info(repo, ["w.bin", "v.bin"])
    assert [lfs_of(item)[1] for item in items] == [20_000, 30_000]


def test_commit_scheduler(alice, tmp_path):
    name = alice.repo_name()
    (tmp_path / "logs").mkdir()
    scheduler = CommitScheduler(
        repo_id=name, repo_type="dataset", folder_path=tmp_path, path_in_repo="kept", every=60, hf_api=alice.api
    )
    with scheduler.lock, open(tmp_path / "logs" / "log.jsonl", "a") as file:
        file.write('{"step": 1}\n')
    (tmp_path / "blob.bin").write_bytes(os.urandom(10_000))
    # It also works by itself; what it has taken already is not taken again.
    scheduler.trigger().result()
    with scheduler.lock, open(tmp_path / "logs" / "log.jsonl", "a") as file:
        file.write('{"step": 2}\n')
    scheduler.trigger().result()
    scheduler.stop()
    files = alice.api.list_repo_files(name, repo_type="dataset")
    assert sorted(files) == [".gitattributes", "kept/blob.bin", "kept/logs/log.jsonl"]
    with open(alice.api.hf_hub_download(name, "kept/logs/log.jsonl", repo_type="dataset")) as file:
        assert file.read() == '{"step": 1}\n{"step": 2}\n'
    titles = [commit.title for commit in alice.api.list_repo_commits(name, repo_type="dataset")]
    assert set(titles) == {"Scheduled Commit", "initial commit"}


@pytest.mark.skipif(not (0, 25) <= VERSION < (2, 0), reason="only releases from 0.25 to 1.x have upload_large_folder")
def test_upload_large_folder(alice, tmp_path):
    name = alice.repo_name()
    for index in range(30):
        (tmp_path / f"{index}.txt").write_text(str(index))
    (tmp_path / "sub").mkdir()
    for index in range(3):
        (tmp_path / "sub" / f"{index}.bin").write_bytes(os.urandom(100_000))
    alice.api.upload_large_folder(
        repo_id=name, folder_path=str(tmp_path), repo_type="model", print_report=False, num_workers=2
    )
    assert len(alice.api.list_repo_files(name)) == 34
    with open(alice.api.hf_hub_download(name, "sub/2.bin"), "rb") as file:
        assert file.read() == (tmp_path / "sub" / "2.bin").read_bytes()


@pytest.mark.skipif(VERSION < (0, 26), reason="delete_files came with 0.26")
def test_delete_files_by_patterns(alice, wide):
    before = len(alice.api.list_repo_files(wide, repo_type="dataset"))
    alice.api.delete_files(wide, ["data/23*.txt", "other/1/", "other/2/x.txt"], repo_type="dataset")
    files = alice.api.list_repo_files(wide, repo_type="dataset")
    assert len(files) == before - 102
    assert "other/1/x.txt" not in files
    assert "other/10/x.txt" in files


def test_upload_folder_of_many_files(alice, repo, tmp_path):
    for index in range(600):
        (tmp_path / f"{index % 7}").mkdir(exist_ok=True)
        (tmp_path / f"{index % 7}" / f"{index}.txt").write_text(str(index))
    alice.api.upload_folder(folder_path=str(tmp_path), repo_id=repo, path_in_repo="in", ignore_patterns="*/599.txt")
    files = alice.api.list_repo_files(repo)
    assert len(files) == 600
    head = alice.api.repo_info(repo).sha
    # Nothing has changed, so nothing is committed.
    alice.api.upload_folder(folder_path=str(tmp_path), repo_id=repo, path_in_repo="in", ignore_patterns="*/599.txt")
    assert alice.api.repo_info(repo).sha == head
