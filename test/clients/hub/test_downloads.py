"""Download, resume, cache and list."""

import os
import pathlib

import pytest
from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url, snapshot_download
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


def test_snapshot_by_commit(alice, repo, tmp_path):
    first = alice.api.upload_file(path_or_fileobj=b"1", path_in_repo="a.txt", repo_id=repo)
    alice.api.upload_file(path_or_fileobj=b"2", path_in_repo="a.txt", repo_id=repo)
    old = pathlib.Path(alice.api.snapshot_download(repo, revision=first.oid, cache_dir=str(tmp_path)))
    new = pathlib.Path(alice.api.snapshot_download(repo, cache_dir=str(tmp_path)))
    assert (old.name, (old / "a.txt").read_text(), (new / "a.txt").read_text()) == (first.oid, "1", "2")
    assert alice.api.snapshot_download(repo, revision=first.oid, cache_dir=str(tmp_path)) == str(old)


def test_private_repository_that_becomes_public(alice, bob, anonymous, tmp_path):
    name = alice.repo_name()
    alice.api.create_repo(name, private=True)
    alice.api.upload_file(path_or_fileobj=b"weights", path_in_repo="w.bin", repo_id=name)
    for stranger in (bob.api, anonymous):
        with pytest.raises(RepositoryNotFoundError):
            stranger.hf_hub_download(name, "w.bin", cache_dir=str(tmp_path))
    change = getattr(alice.api, "update_repo_settings", None) or alice.api.update_repo_visibility
    change(name, private=False)
    for stranger in (bob.api, anonymous):
        path = stranger.hf_hub_download(name, "w.bin", cache_dir=str(tmp_path), force_download=True)
        assert pathlib.Path(path).read_bytes() == b"weights"
    change(name, private=True)
    with pytest.raises(RepositoryNotFoundError):
        bob.api.hf_hub_download(name, "w.bin", cache_dir=str(tmp_path / "other"))


@pytest.mark.parametrize("repo_type", ["dataset", "space"])
def test_datasets_and_spaces(alice, anonymous, repo_type, tmp_path):
    name = alice.repo_name()
    kwargs = {"repo_type": repo_type}
    alice.api.create_repo(name, **kwargs, **({"space_sdk": "static"} if repo_type == "space" else {}))
    source = tmp_path / "source"
    (source / "data").mkdir(parents=True)
    (source / "data" / "a.csv").write_text("a,b\n1,2\n")
    (source / "data" / "w.bin").write_bytes(os.urandom(12_500_000))
    alice.api.upload_folder(repo_id=name, folder_path=str(source), **kwargs)
    folder = pathlib.Path(anonymous.snapshot_download(name, cache_dir=str(tmp_path), **kwargs))
    for path in ("data/a.csv", "data/w.bin"):
        assert (folder / path).read_bytes() == (source / path).read_bytes()
    info = anonymous.repo_info(name, files_metadata=True, **kwargs)
    sizes = {sibling.rfilename: sibling.size for sibling in info.siblings}
    assert (sizes["data/a.csv"], sizes["data/w.bin"]) == (8, 12_500_000)
    alice.api.delete_folder("data", name, **kwargs)
    alice.api.create_branch(name, branch="dev", **kwargs)
    alice.api.create_tag(name, tag="v1", **kwargs)
    refs = anonymous.list_repo_refs(name, **kwargs)
    assert [ref.name for ref in refs.branches + refs.tags] == ["dev", "main", "v1"]


@pytest.mark.skipif(VERSION < (1, 1), reason="verify_repo_checksums came with 1.1")
def test_checksums(alice, filled, tmp_path):
    name, _ = filled
    alice.api.snapshot_download(name, cache_dir=str(tmp_path))
    result = alice.api.verify_repo_checksums(name, cache_dir=str(tmp_path))
    assert (result.mismatches, result.missing_paths, result.extra_paths) == ([], [], [])
    assert result.checked_count == 6
