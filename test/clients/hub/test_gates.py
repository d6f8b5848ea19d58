"""Gated repositories: asking for access, and deciding on it."""

import json
import tempfile
import urllib.request

import pytest
from versions import VERSION, GatedRepoError, RepositoryNotFoundError, status_of

pytestmark = pytest.mark.skipif(VERSION < (0, 24), reason="the methods for access requests came later")


def rest(user, method, path, body=None):
    """What a visitor does on the page of the repository: huggingface_hub has no method for it."""
    request = urllib.request.Request(
        f"{user.api.endpoint}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"authorization": f"Bearer {user.token}", "content-type": "application/json"},
    )
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def ask(user, name, repo_type="model", fields=None):
    return rest(user, "POST", f"/api/{repo_type}s/{name}/ask-access", {"fields": fields or {}})


def gate(user, name, repo_type="model", mode="manual"):
    rest(user, "PUT", f"/api/{repo_type}s/{name}/settings", {"gated": mode})


def people(requests):
    return [request.username for request in requests]


def is_open(user, name, repo_type="model"):
    """Whether somebody without a cache gets the file."""
    with tempfile.TemporaryDirectory() as cache:
        try:
            path = user.api.hf_hub_download(name, "a.txt", repo_type=repo_type, cache_dir=cache)
        except GatedRepoError:
            return False
        with open(path, "rb") as file:
            return file.read() == b"content"


@pytest.fixture(params=["model", "dataset"])
def gated(alice, request):
    """The name and the type of a repository of alice's behind a manual gate."""
    name = alice.repo_name()
    alice.api.create_repo(name, repo_type=request.param)
    alice.api.upload_file(path_or_fileobj=b"content", path_in_repo="a.txt", repo_id=name, repo_type=request.param)
    gate(alice, name, request.param)
    return name, request.param


def test_requests_are_listed_accepted_rejected_and_put_back(alice, bob, gated):
    name, repo_type = gated
    api = alice.api
    lists = {
        "pending": lambda: api.list_pending_access_requests(name, repo_type=repo_type),
        "accepted": lambda: api.list_accepted_access_requests(name, repo_type=repo_type),
        "rejected": lambda: api.list_rejected_access_requests(name, repo_type=repo_type),
    }

    def where():
        return [status for status, requests in lists.items() if people(requests()) == [bob.name]]

    assert where() == []
    assert ask(bob, name, repo_type)["status"] == "pending"
    assert where() == ["pending"]
    assert not is_open(bob, name, repo_type)

    api.accept_access_request(name, bob.name, repo_type=repo_type)
    assert where() == ["accepted"]
    assert is_open(bob, name, repo_type)

    reason = {} if VERSION < (0, 27) else {"rejection_reason": "Not for you"}
    api.reject_access_request(name, bob.name, repo_type=repo_type, **reason)
    assert where() == ["rejected"]
    assert not is_open(bob, name, repo_type)

    api.cancel_access_request(name, bob.name, repo_type=repo_type)
    assert where() == ["pending"]


def test_a_request_says_who_asks_when_and_what(alice, bob, gated):
    name, repo_type = gated
    card = b"---\nextra_gated_fields:\n  Company: text\n  I agree: checkbox\n---\n"
    alice.api.upload_file(path_or_fileobj=card, path_in_repo="README.md", repo_id=name, repo_type=repo_type)
    ask(bob, name, repo_type, {"Company": "ACME", "I agree": True})
    [request] = alice.api.list_pending_access_requests(name, repo_type=repo_type)
    assert (request.username, request.fullname, request.status) == (bob.name, bob.name, "pending")
    assert request.fields == {"Company": "ACME", "I agree": True}
    assert request.timestamp.tzinfo is not None


@pytest.mark.skipif(VERSION < (2, 4), reason="request_id came later")
def test_a_request_is_handled_by_its_id(alice, bob, gated):
    name, repo_type = gated
    ask(bob, name, repo_type)
    [request] = alice.api.list_pending_access_requests(name, repo_type=repo_type)
    alice.api.accept_access_request(name, request_id=request.request_id, repo_type=repo_type)
    assert is_open(bob, name, repo_type)
    [accepted] = alice.api.list_accepted_access_requests(name, repo_type=repo_type)
    assert accepted.request_id == request.request_id


def test_somebody_is_let_in_who_did_not_ask(alice, bob, gated):
    name, repo_type = gated
    alice.api.grant_access(name, bob.name, repo_type=repo_type)
    assert is_open(bob, name, repo_type)
    [request] = alice.api.list_accepted_access_requests(name, repo_type=repo_type)
    assert (request.username, request.email) == (bob.name, None)


def test_the_same_again_and_what_is_not_there_are_refused(alice, bob, gated):
    name, repo_type = gated
    api = alice.api
    ask(bob, name, repo_type)
    api.accept_access_request(name, bob.name, repo_type=repo_type)
    for call, user, expected in (
        (api.accept_access_request, bob.name, 404),
        (api.grant_access, bob.name, 400),
        (api.accept_access_request, "nobody-here", 404),
        (api.grant_access, "nobody-here", 404),
    ):
        with pytest.raises(Exception) as caught:
            call(name, user, repo_type=repo_type)
        assert status_of(caught.value) == expected


def test_requests_are_for_who_may_write(alice_reading, bob, gated):
    name, repo_type = gated
    for person in (bob, alice_reading):
        with pytest.raises(Exception) as caught:
            list(person.api.list_pending_access_requests(name, repo_type=repo_type))
        assert status_of(caught.value) == 403
    with pytest.raises(Exception) as caught:
        bob.api.grant_access(name, bob.name, repo_type=repo_type)
    assert status_of(caught.value) == 403
    assert not is_open(bob, name, repo_type)


def test_outsiders_are_told_what_to_do(alice, bob, anonymous, gated):
    name, repo_type = gated
    for api in (bob.api, anonymous):
        with pytest.raises(GatedRepoError) as caught:
            api.hf_hub_download(name, "a.txt", repo_type=repo_type)
        told = f"Access to {repo_type} {name} is restricted and you are not in the authorized list."
        assert told in str(caught.value)
        # Everybody sees what there is.
        assert "a.txt" in api.list_repo_files(name, repo_type=repo_type)


@pytest.mark.skipif(VERSION < (0, 26), reason="auth_check came later")
def test_auth_check_of_a_gated_and_of_a_hidden_repository(alice, bob, anonymous, gated):
    name, repo_type = gated
    alice.api.auth_check(name, repo_type=repo_type)
    for api in (bob.api, anonymous):
        with pytest.raises(GatedRepoError):
            api.auth_check(name, repo_type=repo_type)
    alice.api.grant_access(name, bob.name, repo_type=repo_type)
    bob.api.auth_check(name, repo_type=repo_type)
    rest(alice, "PUT", f"/api/{repo_type}s/{name}/settings", {"private": True})
    with pytest.raises(RepositoryNotFoundError):
        bob.api.auth_check(name, repo_type=repo_type)


def test_an_automatic_gate_opens_at_once(alice, bob, gated):
    name, repo_type = gated
    gate(alice, name, repo_type, "auto")
    assert not is_open(bob, name, repo_type)
    assert ask(bob, name, repo_type)["status"] == "accepted"
    assert is_open(bob, name, repo_type)


def test_a_repository_without_a_gate_has_no_requests(alice, repo):
    with pytest.raises(Exception) as caught:
        list(alice.api.list_pending_access_requests(repo))
    assert status_of(caught.value) == 400
