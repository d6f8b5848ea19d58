"""Parquet files in the hub are loaded by `datasets`, whole and streamed."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import load_dataset

ROWS = 50_000


@pytest.fixture(scope="module")
def dataset(alice):
    name = alice.repo_name()
    alice.api.create_repo(name, repo_type="dataset")
    for split, start in (("train", 0), ("test", ROWS)):
        table = pa.table({"id": range(start, start + ROWS), "text": [f"row {n}" for n in range(start, start + ROWS)]})
        buffer = io.BytesIO()
        pq.write_table(table, buffer, row_group_size=5000)
        alice.api.upload_file(
            path_or_fileobj=buffer.getvalue(),
            path_in_repo=f"data/{split}-00000-of-00001.parquet",
            repo_id=name,
            repo_type="dataset",
        )
    return name


def test_load_whole(dataset):
    loaded = load_dataset(dataset)
    assert {split: len(rows) for split, rows in loaded.items()} == {"train": ROWS, "test": ROWS}
    assert loaded["train"][123] == {"id": 123, "text": "row 123"}
    assert loaded["test"][ROWS - 1] == {"id": 2 * ROWS - 1, "text": f"row {2 * ROWS - 1}"}


def test_load_streamed(dataset):
    stream = load_dataset(dataset, split="test", streaming=True)
    rows = list(stream.skip(7000).take(3))
    assert [row["id"] for row in rows] == [ROWS + 7000, ROWS + 7001, ROWS + 7002]
