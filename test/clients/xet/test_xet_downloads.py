"""Files that were uploaded by Xet, read by Xet and by everything else."""

import json
import pathlib
import urllib.request

import pytest
from huggingface_hub import HfFileSystem, get_hf_file_metadata, hf_hub_url
from uploads import (
    READ_TOKEN,
    RECONSTRUCTION,
    RESOLVE,
    SHARD_UPLOAD,
    STORES_IN_S3,
    XET,
    XORB_FETCH,
    Client,
    floats,
    get,
    noise,
    sha256,
    sha256_of_file,
    text,
)
from versions import VERSION, HfHubHTTPError, RepositoryNotFoundError, lfs_of

FILES = {
    "big.bin": noise("download", 20_000_000),
    "dir/floats.safetensors": floats("download", 300_000),
    "dir/text.parquet": text("download", 300_000),
    "small.bin": b"small",
    "zeros.bin": bytes(1_000_000),
    "empty.bin": b"",
    "config.json": b"{}",
}
# Files below dir/ and the others that preupload calls LFS files.
IN_XET = [path for path, content in FILES.items() if content and path != "config.json"]
BIG = FILES["big.bin"]


def fill(owner, wire, tmp_path_factory, **kwargs):
    name = owner.repo_name()
    owner.api.create_repo(name, **kwargs)
    folder = tmp_path_factory.mktemp("filled")
    for path, content in FILES.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(content)
    traffic = wire.traffic()
    owner.api.upload_folder(folder_path=str(folder), repo_id=name)
    assert traffic.count(SHARD_UPLOAD) >= 1
    assert traffic.count("PUT ") == 0
    return name


@pytest.fixture(scope="module")
def public(alice, wire, tmp_path_factory):
    return fill(alice, wire, tmp_path_factory)


@pytest.fixture(scope="module")
def private(alice, wire, tmp_path_factory):
    return fill(alice, wire, tmp_path_factory, private=True)


def assert_same(folder):
    for path, content in FILES.items():
        assert sha256_of_file(pathlib.Path(folder) / path) == sha256(content), path


def contents_by_http(traffic):
    """GET requests for whole contents: HEAD and ranged reads of clients do not match."""
    return [exchange for exchange in traffic.matching(RESOLVE) if exchange.received > 3_000]


def test_hf_hub_download_goes_by_xet(public, traffic, tmp_path):
    path = Client(tmp_path).call("download", public, "big.bin")
    assert sha256_of_file(path) == sha256(BIG)
    assert traffic.count(READ_TOKEN) >= 1
    assert traffic.count(RECONSTRUCTION) >= 1
    assert len(BIG) < traffic.received(XORB_FETCH) < len(BIG) + 200_000 or STORES_IN_S3
    assert contents_by_http(traffic) == []


@pytest.mark.parametrize("path", IN_XET)
def test_hf_hub_download_in_one_process(anonymous, public, traffic, tmp_path, path):
    file = anonymous.hf_hub_download(public, path, cache_dir=str(tmp_path))
    assert pathlib.Path(file).read_bytes() == FILES[path]
    assert traffic.count(RECONSTRUCTION) >= 1


def test_snapshot_without_a_token(public, traffic, tmp_path):
    assert_same(Client(tmp_path).call("snapshot", public))
    assert traffic.count(RECONSTRUCTION) >= len(IN_XET)
    assert contents_by_http(traffic) == []


def test_snapshot_of_a_private_repository(alice, private, traffic, tmp_path):
    assert_same(Client(tmp_path, alice).call("snapshot", private))
    assert traffic.count(RECONSTRUCTION) >= len(IN_XET)
    assert contents_by_http(traffic) == []


def test_xet_disabled(alice, private, traffic, tmp_path):
    client = Client(tmp_path, alice, HF_HUB_DISABLE_XET="1")
    assert_same(client.call("snapshot", private))
    assert traffic.count(XET) == 0
    assert traffic.count(READ_TOKEN) == 0


def test_the_hash_of_a_file_is_the_same_everywhere(hub, alice, public):
    metadata = get_hf_file_metadata(hf_hub_url(public, "big.bin", endpoint=hub), token=alice.token)
    assert (metadata.etag, metadata.size) == (sha256(BIG), len(BIG))
    xet_hash = metadata.xet_file_data.file_hash
    (item,) = alice.api.get_paths_info(public, ["big.bin"])
    assert lfs_of(item) == (sha256(BIG), len(BIG))
    status, _, body = get(f"{hub}/api/models/{public}/tree/main")
    assert status == 200
    (entry,) = (entry for entry in json.loads(body) if entry["path"] == "big.bin")
    assert entry["xetHash"] == xet_hash
    if hasattr(item, "xet_hash"):
        assert item.xet_hash == xet_hash


@pytest.mark.parametrize(
    ("wanted", "start", "stop"),
    [
        ("0-0", 0, 1),
        ("0-99", 0, 100),
        ("131070-131075", 131_070, 131_076),
        ("7000000-12999999", 7_000_000, 13_000_000),
        ("19999000-", 19_999_000, 20_000_000),
        ("-1000", 19_999_000, 20_000_000),
        ("19999999-99999999", 19_999_999, 20_000_000),
    ],
)
def test_a_range_as_curl_asks(hub, public, wanted, start, stop):
    status, headers, body = get(f"{hub}/{public}/resolve/main/big.bin", Range=f"bytes={wanted}")
    assert (status, headers["Content-Range"]) == (206, f"bytes {start}-{stop - 1}/{len(BIG)}")
    assert body == BIG[start:stop]


def test_a_range_past_the_end(hub, public):
    status, headers, _ = get(f"{hub}/{public}/resolve/main/big.bin", Range="bytes=20000000-")
    assert (status, headers["Content-Range"]) == (416, f"bytes */{len(BIG)}")


@pytest.mark.parametrize("path", IN_XET)
def test_whole_files_as_curl_asks(hub, public, path):
    status, headers, body = get(f"{hub}/{public}/resolve/main/{path}")
    assert (status, headers["Content-Length"]) == (200, str(len(FILES[path])))
    assert sha256(body) == sha256(FILES[path])


def test_file_system(hub, alice, private, traffic):
    HfFileSystem.clear_instance_cache()
    fs = HfFileSystem(endpoint=hub, token=alice.token)
    path = f"{private}/big.bin"
    assert fs.size(path) == len(BIG)
    assert fs.cat_file(path, start=9_999_990, end=10_000_010) == BIG[9_999_990:10_000_010]
    with fs.open(path, "rb", block_size=100_000) as file:
        file.seek(3_000_000)
        assert file.read(250_000) == BIG[3_000_000:3_250_000]
        file.seek(-7, 2)
        assert file.read() == BIG[-7:]
    assert fs.cat_file(f"{private}/dir/text.parquet") == FILES["dir/text.parquet"]
    assert traffic.count(XET) == 0


def test_download_by_git_lfs(hub, alice, private):
    """What git-lfs does: ask the batch, then GET the address with the headers that it names."""
    url = f"{hub}/{private}.git/info/lfs/objects/batch"
    objects = [{"oid": sha256(FILES[path]), "size": len(FILES[path])} for path in IN_XET]
    body = json.dumps({"operation": "download", "transfers": ["basic", "ssh"], "objects": objects}).encode()
    request = urllib.request.Request(url, body, {"Authorization": f"Bearer {alice.token}"})
    request.add_header("Content-Type", "application/vnd.git-lfs+json")
    with urllib.request.urlopen(request) as answer:
        batch = json.loads(answer.read())
    assert batch.get("transfer", "basic") == "basic"
    assert [item["oid"] for item in batch["objects"]] == [item["oid"] for item in objects]
    for item, path in zip(batch["objects"], IN_XET, strict=True):
        action = item["actions"]["download"]
        status, _, content = get(action["href"], **action.get("header", {}))
        assert (status, sha256(content)) == (200, item["oid"]), path
        status, _, part = get(action["href"], **action.get("header", {}), Range="bytes=1-3")
        assert (status, part) == (206, FILES[path][1:4]), path


def test_strangers_get_nothing_of_a_private_repository(hub, alice, bob, anonymous, private, public, tmp_path):
    for stranger in (bob.api, anonymous):
        with pytest.raises(RepositoryNotFoundError):
            stranger.hf_hub_download(private, "big.bin", cache_dir=str(tmp_path))
        with pytest.raises(RepositoryNotFoundError):
            stranger.snapshot_download(private, cache_dir=str(tmp_path))
    for token in (bob.token, None):
        status, _, _ = get(f"{hub}/api/models/{private}/xet-read-token/main", token)
        assert status in (401, 404)


def test_tokens_do_not_open_other_repositories(hub, alice, bob):
    """Bob has a token for a repository of his own. It does not read what only alice may."""
    secret = noise("secret", 500_000)
    name, own = alice.repo_name(), bob.repo_name()
    alice.api.create_repo(name, private=True)
    alice.api.upload_file(path_or_fileobj=secret, path_in_repo="w.bin", repo_id=name)
    bob.api.create_repo(own)

    def reconstruction(user, repo):
        status, _, body = get(f"{hub}/api/models/{repo}/xet-read-token/main", user.token)
        assert status == 200
        grant = json.loads(body)
        return get(f"{grant['casUrl']}/v2/reconstructions/{xet_hash}", grant["accessToken"])

    xet_hash = get_hf_file_metadata(
        hf_hub_url(name, "w.bin", endpoint=hub), token=alice.token
    ).xet_file_data.file_hash
    assert reconstruction(alice, name)[0] == 200
    assert reconstruction(bob, own)[0] == 404


@pytest.mark.skipif(VERSION < (1, 1), reason="verify_repo_checksums came with 1.1")
def test_checksums(alice, private, tmp_path):
    alice.api.snapshot_download(private, cache_dir=str(tmp_path))
    result = alice.api.verify_repo_checksums(private, cache_dir=str(tmp_path))
    assert (result.mismatches, result.missing_paths, result.extra_paths) == ([], [], [])


def test_private_becomes_public_and_back(alice, anonymous, tmp_path):
    content = noise("visibility", 400_000)
    name = alice.repo_name()
    alice.api.create_repo(name, private=True)
    alice.api.upload_file(path_or_fileobj=content, path_in_repo="w.bin", repo_id=name)
    alice.api.update_repo_settings(name, private=False)
    path = anonymous.hf_hub_download(name, "w.bin", cache_dir=str(tmp_path / "one"))
    assert pathlib.Path(path).read_bytes() == content
    alice.api.update_repo_settings(name, private=True)
    with pytest.raises(HfHubHTTPError):
        anonymous.hf_hub_download(name, "w.bin", cache_dir=str(tmp_path / "two"))
