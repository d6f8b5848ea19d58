"""Users, as others see them."""

import json
import urllib.request

import pytest
from versions import VERSION, status_of

pytestmark = pytest.mark.skipif(VERSION < (0, 30), reason="get_user_overview came later, or read other fields")


def tell(user, **settings):
    request = urllib.request.Request(
        f"{user.api.endpoint}/api/users/{user.name}/settings",
        method="PUT",
        data=json.dumps(settings).encode(),
        headers={"authorization": f"Bearer {user.token}", "content-type": "application/json"},
    )
    with urllib.request.urlopen(request) as response:
        assert json.load(response)["success"] is True


def test_overview(alice, anonymous):
    before = anonymous.get_user_overview(alice.name)
    mine = alice.api.get_user_overview(alice.name)
    for name in ("public", "private"):
        alice.api.create_repo(f"{alice.repo_name()}-{name}", private=name == "private")
    alice.api.create_repo(alice.repo_name(), repo_type="dataset")
    tell(alice, full_name="Alice Example", bio="Makes models.")
    try:
        seen = anonymous.get_user_overview(alice.name)
        assert (seen.username, seen.fullname, seen.details) == (alice.name, "Alice Example", "Makes models.")
        assert seen.avatar_url.startswith(alice.api.endpoint)
        assert (seen.user_type, seen.is_pro) == ("user", False)
        # Private ones count for whom they are there.
        assert (seen.num_models, seen.num_datasets) == (before.num_models + 1, before.num_datasets + 1)
        assert alice.api.get_user_overview(alice.name).num_models == mine.num_models + 2
    finally:
        tell(alice, full_name=None, bio=None)


def test_overview_of_nobody(anonymous):
    with pytest.raises(Exception) as caught:
        anonymous.get_user_overview("nobody-here")
    assert status_of(caught.value) == 404
