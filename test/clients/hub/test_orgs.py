"""Organisations, as clients see them."""

import json
import urllib.request
import uuid

import pytest
from versions import VERSION, status_of


def rest(user, method, path, body=None):
    """A call that huggingface_hub has no method for."""
    request = urllib.request.Request(
        f"{user.api.endpoint}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"authorization": f"Bearer {user.token}", "content-type": "application/json"},
    )
    with urllib.request.urlopen(request) as response:
        return json.load(response)


@pytest.fixture
def org(alice, bob):
    """Of alice, with bob as a member."""
    name = f"org-{uuid.uuid4().hex[:10]}"
    rest(alice, "POST", "/org/create", {"name": name, "description": "We build."})
    rest(alice, "POST", f"/org/{name}/members", {"username": bob.name, "role": "member"})
    return name


def test_whoami_names_organizations(alice, bob, org):
    for user, role in ((alice, "super-admin"), (bob, "member")):
        mine = {entry["name"]: entry for entry in user.api.whoami()["orgs"]}
        assert mine[org]["roleInOrg"] == role
        assert mine[org]["fullname"] == org


@pytest.mark.skipif(VERSION < (0, 30), reason="list_organization_members came later")
def test_members(anonymous, alice, bob, org):
    members = list(anonymous.list_organization_members(org))
    assert [member.username for member in members] == sorted([alice.name, bob.name])
    assert members[0].fullname == members[0].username
    with pytest.raises(Exception) as caught:
        list(anonymous.list_organization_members("no-such-org"))
    assert status_of(caught.value) == 404


@pytest.mark.skipif(VERSION < (0, 36), reason="get_organization_overview came later")
def test_overview(anonymous, alice, org):
    alice.api.create_repo(f"{org}/public")
    alice.api.create_repo(f"{org}/private", private=True)
    seen = anonymous.get_organization_overview(org)
    assert (seen.name, seen.details, seen.num_users, seen.num_models) == (org, "We build.", 2, 1)
    assert alice.api.get_organization_overview(org).num_models == 2


def test_old_name_of_a_renamed_organization(alice, bob, anonymous, org, tmp_path):
    bob.api.create_repo(f"{org}/model")
    bob.api.upload_file(path_or_fileobj=b"content", path_in_repo="a.txt", repo_id=f"{org}/model")
    name = f"renamed-{uuid.uuid4().hex[:10]}"
    rest(alice, "POST", f"/org/{org}/rename", {"name": name})
    assert anonymous.repo_info(f"{org}/model").id == f"{name}/model"
    path = anonymous.hf_hub_download(f"{org}/model", "a.txt", cache_dir=tmp_path)
    assert open(path, "rb").read() == b"content"
    bob.api.upload_file(path_or_fileobj=b"more", path_in_repo="b.txt", repo_id=f"{org}/model")
    assert sorted(anonymous.list_repo_files(f"{name}/model")) == [".gitattributes", "a.txt", "b.txt"]
    with pytest.raises(Exception) as caught:
        rest(bob, "POST", "/org/create", {"name": org})
    assert caught.value.code == 409
