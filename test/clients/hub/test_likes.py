"""Likes, and how often something is downloaded."""

import time

import pytest
from huggingface_hub.utils import get_session
from versions import VERSION, RepositoryNotFoundError

BUCKET_SECONDS = 900


def like(person, name, repo_type="model"):
    """As the method `like` of old releases does it; newer ones leave it to the web page."""
    url = f"{person.api.endpoint}/api/{repo_type}s/{name}/like"
    response = get_session().post(url, headers={"authorization": f"Bearer {person.api.token}"})
    assert response.status_code == 200
    return response.json()["likes_count"]


@pytest.mark.parametrize("repo_type", ["model", "dataset", "space"])
def test_like_unlike_and_lists(alice, bob, anonymous, repo_type):
    name = alice.repo_name()
    alice.api.create_repo(name, repo_type=repo_type, **({"space_sdk": "static"} if repo_type == "space" else {}))
    for person in (alice, bob):
        if hasattr(person.api, "like"):
            person.api.like(name, repo_type=repo_type)
        like(person, name, repo_type)
    assert anonymous.repo_info(name, repo_type=repo_type).likes == 2
    likers = list(anonymous.list_repo_likers(name, repo_type=repo_type))
    assert [user.username for user in likers] == [bob.name, alice.name]
    assert [user.fullname for user in likers] == [bob.name, alice.name]
    assert likers[0].avatar_url.startswith(alice.api.endpoint)
    liked = bob.api.list_liked_repos()
    assert liked.user == bob.name
    assert name in getattr(liked, f"{repo_type}s")
    assert name in getattr(anonymous.list_liked_repos(bob.name), f"{repo_type}s")
    for _ in range(2):
        bob.api.unlike(name, repo_type=repo_type)
    assert name not in getattr(bob.api.list_liked_repos(), f"{repo_type}s")
    assert anonymous.repo_info(name, repo_type=repo_type).likes == 1


def test_likes_of_a_hidden_repository(alice, bob):
    name = alice.repo_name()
    alice.api.create_repo(name, private=True)
    like(alice, name)
    assert name in alice.api.list_liked_repos().models
    assert name not in bob.api.list_liked_repos(alice.name).models
    with pytest.raises(RepositoryNotFoundError):
        bob.api.unlike(name)
    with pytest.raises(RepositoryNotFoundError):
        list(bob.api.list_repo_likers(name))


def test_a_snapshot_is_one_download(alice, bob, repo, tmp_path):
    files = {f"f{index}.txt": f"content {index}".encode() for index in range(10)}
    # A large one, which goes by LFS or Xet.
    files["model.bin"] = bytes(range(256)) * 50_000
    for path, content in files.items():
        (tmp_path / path).write_bytes(content)
    alice.api.upload_folder(repo_id=repo, folder_path=str(tmp_path))
    began = time.time()
    folder = bob.api.snapshot_download(repo)
    # From the cache: nothing is downloaded.
    assert bob.api.snapshot_download(repo) == folder
    buckets = int(time.time() // BUCKET_SECONDS) - int(began // BUCKET_SECONDS) + 1
    # The hub writes some seconds later, in order: when this one is counted, the others are.
    marker = alice.repo_name()
    alice.api.create_repo(marker)
    bob.api.hf_hub_download(marker, ".gitattributes")
    deadline = time.time() + 60
    while downloads_of(bob, marker) == 0 and time.time() < deadline:
        time.sleep(0.2)
    downloads = downloads_of(bob, repo)
    assert 1 <= downloads <= buckets
    if VERSION >= (0, 24):
        assert bob.api.model_info(repo, expand=["downloadsAllTime"]).downloads_all_time == downloads


def downloads_of(person, name):
    return get_session().get(f"{person.api.endpoint}/api/models/{name}/stats").json()["downloads"]
