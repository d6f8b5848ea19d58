"""Download, resume, cache, list and read by file system."""

import os
import pathlib

import pytest
from huggingface_hub import HfFileSystem, get_hf_file_metadata, hf_hub_download, hf_hub_url, snapshot_download
from versions import VERSION, EntryNotFoundError, HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError, lfs_of


@pytest.fixture(scope="module")
def filled(alice):
    name = alice.repo_name()
    alice.api.create_repo(name)
    files = {
        "README.md": b"# Title\n",
        "config.json": b"{}",
        "dir/one.txt": b"one",
        "dir/deep/two.bin": os.urandom(300_000),
        "big.safetensors": os.urandom(11_000_000),
    }
    for path, content in files.items():
        alice.api.upload_file(path_or_fileobj=content, path_in_repo=path, repo_id=name)
    return name, files


def test_metadata(hub, alice, filled):
    name, files = filled
    info = alice.api.repo_info(name, files_metadata=True)
    by_name = {sibling.rfilename: sibling for sibling in info.siblings}
    regular = get_hf_file_metadata(hf_hub_url(name, "config.json", endpoint=hub), token=alice.token)
    assert regular.commit_hash == info.sha
    assert regular.size == 2
    assert regular.etag == by_name["config.json"].blob_id
    large = get_hf_file_metadata(hf_hub_url(name, "big.safetensors", endpoint=hub), token=alice.token)
    sha256 = by_name["big.safetensors"].lfs["sha256"]
    assert large.etag == sha256
    assert large.size == len(files["big.safetensors"])


def test_snapshot_download(anonymous, filled, tmp_path):
    name, files = filled
    folder = pathlib.Path(anonymous.snapshot_download(name, cache_dir=str(tmp_path)))
    for path, content in files.items():
        assert (folder / path).read_bytes() == content
    again = anonymous.snapshot_download(name, cache_dir=str(tmp_path), local_files_only=True)
    assert pathlib.Path(again) == folder


def test_snapshot_download_with_patterns(anonymous, filled, tmp_path):
    name, _ = filled
    folder = anonymous.snapshot_download(name, cache_dir=str(tmp_path), allow_patterns="dir/*")
    found = {path.relative_to(folder).as_posix() for path in pathlib.Path(folder).rglob("*") if path.is_file()}
    assert found == {"dir/one.txt", "dir/deep/two.bin"}


def test_local_dir(anonymous, filled, tmp_path):
    name, files = filled
    anonymous.hf_hub_download(name, "dir/deep/two.bin", local_dir=str(tmp_path))
    assert (tmp_path / "dir/deep/two.bin").read_bytes() == files["dir/deep/two.bin"]


def test_resumed_download(hub, filled, tmp_path):
    name, files = filled
    content = files["big.safetensors"]
    metadata = get_hf_file_metadata(hf_hub_url(name, "big.safetensors", endpoint=hub), token=False)
    blobs = tmp_path / f"models--{name.replace('/', '--')}" / "blobs"
    blobs.mkdir(parents=True)
    (blobs / f"{metadata.etag}.incomplete").write_bytes(content[:5_000_000])
    kwargs = {"resume_download": True} if VERSION < (0, 23) else {}
    path = hf_hub_download(name, "big.safetensors", cache_dir=str(tmp_path), token=False, endpoint=hub, **kwargs)
    assert pathlib.Path(path).read_bytes() == content


def test_errors(anonymous, alice, filled):
    name, _ = filled
    with pytest.raises(EntryNotFoundError):
        anonymous.hf_hub_download(name, "missing.txt")
    with pytest.raises(RevisionNotFoundError):
        anonymous.hf_hub_download(name, "README.md", revision="missing")
    with pytest.raises(RepositoryNotFoundError):
        anonymous.hf_hub_download(alice.repo_name(), "README.md")
    with pytest.raises(HfHubHTTPError) as caught:
        anonymous.repo_info(alice.repo_name())
    assert "Request ID" in str(caught.value)


def test_tree(anonymous, filled):
    name, files = filled
    top = {item.path for item in anonymous.list_repo_tree(name)}
    assert top == {".gitattributes", "README.md", "config.json", "dir", "big.safetensors"}
    below = {item.path for item in anonymous.list_repo_tree(name, "dir", recursive=True)}
    assert below == {"dir/one.txt", "dir/deep", "dir/deep/two.bin"}
    expanded = {item.path: item for item in anonymous.list_repo_tree(name, expand=True)}
    assert expanded["config.json"].last_commit is not None
    assert "config.json" in expanded["config.json"].last_commit["title"]
    assert expanded["dir"].last_commit is not None
    with pytest.raises(EntryNotFoundError):
        list(anonymous.list_repo_tree(name, "missing"))


def test_paths_info(anonymous, filled):
    name, files = filled
    items = anonymous.get_paths_info(name, ["dir", "missing", "config.json", "big.safetensors"], expand=True)
    assert [item.path for item in items] == ["dir", "config.json", "big.safetensors"]
    assert lfs_of(items[2])[1] == len(files["big.safetensors"])


def test_file_system(hub, alice, filled):
    name, files = filled
    fs = HfFileSystem(endpoint=hub, token=alice.token)
    assert {pathlib.PurePosixPath(path).name for path in fs.ls(name, detail=False)} >= {"README.md", "dir"}
    assert fs.info(f"{name}/config.json")["size"] == 2
    assert [path.split("/", 2)[2] for path in fs.glob(f"{name}/**/*.bin")] == ["dir/deep/two.bin"]
    with fs.open(f"{name}/big.safetensors", "rb") as file:
        file.seek(10_000_000)
        assert file.read(1000) == files["big.safetensors"][10_000_000:10_001_000]
    with fs.open(f"{name}/written.txt", "w") as file:
        file.write("by file system")
    assert fs.read_text(f"{name}/written.txt") == "by file system"
    fs.rm(f"{name}/written.txt")
    assert not fs.exists(f"{name}/written.txt")
