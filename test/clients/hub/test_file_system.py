"""HfFileSystem: the hub as a file system of fsspec, as pandas and others use it."""

import os

import pytest
from huggingface_hub import HfFileSystem
from versions import VERSION, HfHubHTTPError, lfs_of


@pytest.fixture
def fs(hub, alice):
    # fsspec keeps instances and their listings.
    HfFileSystem.clear_instance_cache()
    return HfFileSystem(endpoint=hub, token=alice.token)


def test_write_copy_and_move(fs, alice, repo):
    with fs.open(f"{repo}/dir/a.txt", "w") as file:
        file.write("text")
    assert fs.read_text(f"{repo}/dir/a.txt") == "text"
    weights = os.urandom(100_000)
    with fs.open(f"{repo}/w.bin", "wb") as file:
        file.write(weights)
    fs.cp_file(f"{repo}/dir/a.txt", f"{repo}/dir/b.txt")
    fs.cp_file(f"{repo}/w.bin", f"{repo}/copy.bin")
    assert fs.read_text(f"{repo}/dir/b.txt") == "text"
    assert fs.cat_file(f"{repo}/copy.bin") == weights
    w, copy = (lfs_of(item) for item in alice.api.get_paths_info(repo, ["w.bin", "copy.bin"]))
    assert w == copy
    fs.mv(f"{repo}/dir/b.txt", f"{repo}/dir/c.txt")
    assert sorted(path.rpartition("/")[2] for path in fs.ls(f"{repo}/dir", detail=False)) == ["a.txt", "c.txt"]
    fs.rm(f"{repo}/dir", recursive=True)
    assert sorted(alice.api.list_repo_files(repo)) == [".gitattributes", "copy.bin", "w.bin"]


def test_copy_between_repositories(fs, alice, repo):
    other = alice.repo_name()
    alice.api.create_repo(other, repo_type="dataset")
    with fs.open(f"{repo}/a.txt", "w") as file:
        file.write("text")
    fs.cp_file(f"{repo}/a.txt", f"datasets/{other}/b.txt")
    assert fs.read_text(f"datasets/{other}/b.txt") == "text"


@pytest.mark.parametrize("name", ["r.txt", "r.bin"])
def test_ranges(fs, repo, name):
    content = os.urandom(200_000)
    path = f"{repo}/{name}"
    with fs.open(path, "wb") as file:
        file.write(content)
    assert fs.size(path) == len(content)
    assert fs.cat_file(path, start=10, end=20) == content[10:20]
    assert fs.cat_file(path, start=199_990) == content[199_990:]
    with fs.open(path, "rb", block_size=4096) as file:
        file.seek(100_000)
        assert file.read(5000) == content[100_000:105_000]
        file.seek(-7, os.SEEK_END)
        assert file.read() == content[-7:]
        assert file.read(10) == b""
        file.seek(len(content) + 100)
        assert file.read(10) == b""


@pytest.mark.skipif(VERSION < (0, 21), reason="unbuffered reading came with 0.21")
def test_stream(fs, repo):
    path = f"{repo}/s.bin"
    with fs.open(path, "wb") as file:
        file.write(b"x" * 10_000)
    with fs.open(path, "rb", block_size=0) as file:
        assert file.read(4) == b"xxxx"
        assert file.read() == b"x" * 9_996
        # Older releases begin again at the start when they have read everything.
        if not hasattr(file, "_open_connection"):
            return
        assert file.read() == b""
        # A stream that broke at the very end goes on with a Range that begins there: the hub says 416, the client stops.
        file._open_connection()
        assert file.read() == b""


def test_revisions_and_globs(fs, alice, repo):
    alice.api.create_branch(repo, branch="feat/x")
    with fs.open(f"{repo}@feat%2Fx/data/1.csv", "w") as file:
        file.write("a,b\n")
    assert not fs.exists(f"{repo}/data/1.csv")
    assert fs.exists(f"{repo}@feat%2Fx/data/1.csv")
    assert [path.rpartition("/")[2] for path in fs.glob(f"{repo}@feat%2Fx/**/*.csv")] == ["1.csv"]
    assert fs.isdir(f"{repo}@feat%2Fx/data")
    assert fs.isfile(f"{repo}@feat%2Fx/data/1.csv")
    found = fs.find(f"{repo}@feat%2Fx", detail=True)
    assert {path.rpartition("/")[2]: info["type"] for path, info in found.items()} == {
        ".gitattributes": "file",
        "1.csv": "file",
    }


def test_missing_things(hub, fs, bob, repo):
    with pytest.raises(FileNotFoundError):
        fs.ls(f"{repo}/missing")
    with pytest.raises(FileNotFoundError):
        fs.info(f"{repo}/missing.txt")
    with pytest.raises(FileNotFoundError):
        fs.info(f"{repo}-nope/missing.txt")
    with pytest.raises(FileNotFoundError):
        fs.ls(f"{repo}@nope/")
    stranger = HfFileSystem(endpoint=hub, token=bob.token)
    with pytest.raises(HfHubHTTPError), stranger.open(f"{repo}/x.txt", "w") as file:
        file.write("x")
