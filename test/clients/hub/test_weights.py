"""Safetensors: what the client reads by ranges, and what the hub says about the model."""

import json
import struct

import pytest
from huggingface_hub import HfApi


def safetensors(**shapes):
    """A file of float32 tensors: length of the header, header, zeros."""
    header, offset = {}, 0
    for name, shape in shapes.items():
        count = 1
        for length in shape:
            count *= length
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, offset + 4 * count]}
        offset += 4 * count
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(offset)


def test_one_file(alice, repo):
    content = safetensors(a=[10, 20], b=[5])
    alice.api.upload_file(path_or_fileobj=content, path_in_repo="model.safetensors", repo_id=repo)
    metadata = alice.api.get_safetensors_metadata(repo)
    assert metadata.sharded is False
    assert metadata.parameter_count == {"F32": 205}
    assert metadata.weight_map == {"a": "model.safetensors", "b": "model.safetensors"}
    info = alice.api.model_info(repo)
    assert (info.safetensors["parameters"] if isinstance(info.safetensors, dict) else info.safetensors.parameters) == {
        "F32": 205
    }


def test_large_header(alice, repo):
    """A header longer than the 100,000 bytes that the client asks for first."""
    content = safetensors(**{f"layer.{index}.weight": [2] for index in range(2000)})
    alice.api.upload_file(path_or_fileobj=content, path_in_repo="long.safetensors", repo_id=repo)
    metadata = alice.api.parse_safetensors_file_metadata(repo, "long.safetensors")
    assert len(metadata.tensors) == 2000


def test_shards(alice, anonymous: HfApi, repo):
    shards = {
        "model-00001-of-00002.safetensors": safetensors(a=[10, 20]),
        "model-00002-of-00002.safetensors": safetensors(b=[5]),
    }
    index = {
        "metadata": {"total_size": 820},
        "weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"},
    }
    for path, content in {**shards, "model.safetensors.index.json": json.dumps(index).encode()}.items():
        alice.api.upload_file(path_or_fileobj=content, path_in_repo=path, repo_id=repo)
    metadata = anonymous.get_safetensors_metadata(repo)
    assert metadata.sharded is True
    assert metadata.parameter_count == {"F32": 205}


def test_not_a_safetensors_repository(alice, repo):
    with pytest.raises(Exception, match="not a safetensors repo"):
        alice.api.get_safetensors_metadata(repo)
