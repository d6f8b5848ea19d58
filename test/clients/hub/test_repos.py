"""Create, describe, list, change, move and delete repositories."""

import io

import pytest
from huggingface_hub.utils import get_session, hf_raise_for_status, paginate
from versions import VERSION, BadRequestError, HfHubHTTPError, RepositoryNotFoundError, status_of


def test_whoami_names_the_user_and_the_token(alice):
    me = alice.api.whoami()
    assert me["name"] == alice.name
    assert me["type"] == "user"
    assert me["auth"]["accessToken"] == {**me["auth"]["accessToken"], "displayName": "pytest", "role": "write"}


def test_whoami_refuses_a_wrong_token(hub, alice):
    # Releases before 1.0 raise the bare HTTPError of requests here.
    with pytest.raises(Exception) as caught:
        alice.api.whoami(token="hf_wrongwrongwrongwrongwrongwrongwrong")
    assert status_of(caught.value) == 401


@pytest.mark.parametrize("repo_type", ["model", "dataset", "space"])
def test_create_info_delete(alice, repo_type):
    name = alice.repo_name()
    kwargs = {"space_sdk": "gradio"} if repo_type == "space" else {}
    url = alice.api.create_repo(name, repo_type=repo_type, **kwargs)
    prefix = "" if repo_type == "model" else f"{repo_type}s/"
    assert str(url) == f"{alice.api.endpoint}/{prefix}{name}"
    info = alice.api.repo_info(name, repo_type=repo_type)
    assert info.id == name
    assert len(info.sha) == 40
    assert info.private is False
    assert ".gitattributes" in [sibling.rfilename for sibling in info.siblings]
    commits = alice.api.list_repo_commits(name, repo_type=repo_type)
    assert [commit.title for commit in commits] == ["initial commit"]
    assert commits[0].authors == [alice.name]
    alice.api.delete_repo(name, repo_type=repo_type)
    with pytest.raises(RepositoryNotFoundError):
        alice.api.repo_info(name, repo_type=repo_type)


def test_create_twice(alice, repo):
    with pytest.raises(HfHubHTTPError) as caught:
        alice.api.create_repo(repo)
    assert status_of(caught.value) == 409
    assert str(alice.api.create_repo(repo, exist_ok=True)).endswith(repo)


def test_create_without_namespace(alice):
    url = alice.api.create_repo(alice.repo_name().split("/")[1])
    assert url.repo_id.startswith(f"{alice.name}/")


def test_create_in_a_foreign_namespace_is_refused(alice, bob):
    with pytest.raises(HfHubHTTPError) as caught:
        alice.api.create_repo(f"{bob.name}/mine")
    assert status_of(caught.value) == 403


def test_private_repositories_are_hidden(alice, bob, anonymous):
    name = alice.repo_name()
    alice.api.create_repo(name, private=True)
    assert alice.api.repo_info(name).private is True
    for stranger in (bob.api, anonymous):
        with pytest.raises(RepositoryNotFoundError):
            stranger.repo_info(name)
        with pytest.raises(RepositoryNotFoundError):
            stranger.list_repo_tree(name) and list(stranger.list_repo_tree(name))
    assert not bob.api.repo_exists(name)
    assert name in [model.id for model in alice.api.list_models(author=alice.name)]
    assert name not in [model.id for model in bob.api.list_models(author=alice.name)]


def test_delete_missing(alice):
    with pytest.raises(RepositoryNotFoundError):
        alice.api.delete_repo(alice.repo_name())
    alice.api.delete_repo(alice.repo_name(), missing_ok=True)


def test_delete_by_a_stranger_is_refused(bob, repo):
    with pytest.raises(HfHubHTTPError) as caught:
        bob.api.delete_repo(repo)
    assert status_of(caught.value) == 403


def test_settings_change_visibility(alice, anonymous, repo):
    if VERSION >= (0, 25):
        alice.api.update_repo_settings(repo, private=True)
    else:
        alice.api.update_repo_visibility(repo, private=True)
    assert alice.api.repo_info(repo).private is True
    with pytest.raises(RepositoryNotFoundError):
        anonymous.repo_info(repo)


def test_move_and_redirect(alice, anonymous, repo):
    alice.api.upload_file(path_or_fileobj=io.BytesIO(b"moved"), path_in_repo="a.txt", repo_id=repo)
    target = alice.repo_name()
    alice.api.move_repo(repo, target)
    assert alice.api.repo_info(target).id == target
    assert anonymous.repo_info(repo).id == target
    path = anonymous.hf_hub_download(repo, "a.txt")
    assert open(path, "rb").read() == b"moved"


def test_move_onto_an_existing_repository(alice, repo):
    other = alice.repo_name()
    alice.api.create_repo(other)
    with pytest.raises(HfHubHTTPError) as caught:
        alice.api.move_repo(repo, other)
    assert "already exists" in str(caught.value)


def test_exists_checks(alice, repo):
    assert alice.api.repo_exists(repo)
    assert not alice.api.repo_exists(alice.repo_name())
    assert alice.api.file_exists(repo, ".gitattributes")
    assert not alice.api.file_exists(repo, "missing.txt")
    if VERSION >= (0, 22):
        assert alice.api.revision_exists(repo, "main")
        assert not alice.api.revision_exists(repo, "missing")


def test_auth_check(alice, bob, repo):
    if VERSION < (0, 26):
        pytest.skip("auth_check came with 0.26")
    bob.api.auth_check(repo)
    with pytest.raises(RepositoryNotFoundError):
        bob.api.auth_check(alice.repo_name())


def test_lists_filter_by_card(alice):
    marker = alice.repo_name().split("-")[-1]
    wanted = f"{alice.name}/list-{marker}-a"
    other = f"{alice.name}/list-{marker}-b"
    card = b"---\nlicense: mit\npipeline_tag: text-classification\nlibrary_name: transformers\ntags:\n- my-tag\n---\n# Hi\n"
    for name in (wanted, other):
        alice.api.create_repo(name)
    alice.api.upload_file(path_or_fileobj=card, path_in_repo="README.md", repo_id=wanted)
    info = alice.api.model_info(wanted)
    assert info.pipeline_tag == "text-classification"
    assert {"my-tag", "license:mit", "transformers"} <= set(info.tags)
    found = [m.id for m in alice.api.list_models(author=alice.name, search=marker)]
    assert sorted(found) == [wanted, other]
    assert [m.id for m in alice.api.list_models(search=marker, filter="my-tag")] == [wanted]
    full = list(alice.api.list_models(search=marker, full=True, sort="lastModified", limit=1))
    assert full[0].id == wanted
    assert full[0].sha == info.sha


def test_lists_page_in_order(hub, alice, anonymous):
    names = [f"{alice.name}/page-{index:02d}" for index in range(25)]
    for name in names:
        alice.api.create_repo(name, repo_type="dataset")
    listed = [dataset.id for dataset in anonymous.list_datasets(author=alice.name, search="page-", sort="created_at")]
    assert listed == names[::-1]
    # Smaller pages, as the client follows them.
    url = f"{hub}/api/datasets"
    params = {"author": alice.name, "search": "page-", "sort": "createdAt", "limit": 10}
    pages = paginate(url, params=params, headers={})
    assert [item["id"] for item in pages] == names[::-1]
    for sort in ("lastModified", "likes", "downloads", "trendingScore"):
        found = {item["id"] for item in paginate(url, params={**params, "sort": sort}, headers={})}
        assert found == set(names)
    assert len(list(anonymous.list_datasets(author=alice.name, search="page-", limit=3))) == 3


def test_lists_of_spaces_and_expand(alice):
    name = alice.repo_name()
    alice.api.create_repo(name, repo_type="space", space_sdk="gradio")
    marker = name.split("-")[-1]
    spaces = list(alice.api.list_spaces(author=alice.name, search=marker, full=True))
    assert [(space.id, space.sdk) for space in spaces] == [(name, "gradio")]
    assert ".gitattributes" in [sibling.rfilename for sibling in spaces[0].siblings]
    if VERSION >= (0, 24):
        (space,) = alice.api.list_spaces(search=marker, expand=["likes", "sdk", "sha"])
        assert (space.likes, space.sdk, space.sha) == (0, "gradio", spaces[0].sha)
        assert space.author is None
        assert alice.api.space_info(name, expand=["sha"]).sha == spaces[0].sha


@pytest.mark.skipif(VERSION < (0, 24), reason="expand came with 0.24")
def test_unknown_expand(hub, alice, repo):
    response = get_session().get(f"{hub}/api/models/{repo}", params={"expand": "nope"})
    with pytest.raises(BadRequestError) as caught:
        hf_raise_for_status(response)
    assert '"expand" must be one of [' in str(caught.value)


def test_private_repository_moves_with_redirect(alice, bob):
    name, target = alice.repo_name(), alice.repo_name()
    alice.api.create_repo(name, private=True)
    alice.api.upload_file(path_or_fileobj=b"w", path_in_repo="w.bin", repo_id=name)
    alice.api.move_repo(name, target)
    assert alice.api.file_exists(name, "w.bin")
    assert alice.api.repo_info(name).id == target
    # 0.20 sends no token to the address that a redirect leads to, though it is the same hub.
    if VERSION >= (0, 21):
        with open(alice.api.hf_hub_download(name, "w.bin"), "rb") as file:
            assert file.read() == b"w"
    for hidden in (name, target):
        with pytest.raises(RepositoryNotFoundError):
            bob.api.repo_info(hidden)


def test_tags_by_type(alice):
    assert isinstance(alice.api.get_model_tags(), dict)
    assert isinstance(alice.api.get_dataset_tags(), dict)
