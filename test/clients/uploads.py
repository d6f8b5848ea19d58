"""Contents to upload, what clients ask for when they use Xet, and clients with empty caches."""

import hashlib
import os
import pathlib
import random
import struct
import subprocess
import sys
import urllib.error
import urllib.request

# Lines of `Traffic`.
XORB_UPLOAD = r"POST /xet/[^/]+/(v1/)?xorbs?/"
SHARD_UPLOAD = r"POST /xet/[^/]+/(v[12]/)?shards?(/|$)"
RECONSTRUCTION = r"GET /xet/[^/]+/(v[12]/)?reconstructions?/"
XORB_FETCH = r"GET /xet/[^/]+/xorbs/[0-9a-f]{64}\?"
XET = r"\w+ /xet/"
LFS_BATCH = r"POST .*\.git/info/lfs/objects/batch"
LFS_UPLOAD = r"PUT "
WRITE_TOKEN = r"GET /api/\w+/[^/]+/[^/]+/xet-write-token/"
READ_TOKEN = r"GET /api/\w+/[^/]+/[^/]+/xet-read-token/"
XET_ENABLED = r"GET /api/.*expand=xetEnabled"
RESOLVE = r"GET /.*/resolve/"

# A hub on S3 lets clients fetch from there: that does not go over the wire.
STORES_IN_S3 = "KOHAKU_HUB_S3_ENDPOINT" in os.environ


def noise(seed, size):
    """Bytes that no compression makes smaller; the same for the same seed."""
    return random.Random(seed).randbytes(size)


def floats(seed, count):
    """Float32 weights, as a model has them."""
    generator = random.Random(seed)
    return struct.pack(f"<{count}f", *(generator.gauss(0, 0.02) for _ in range(count)))


def text(seed, lines):
    generator = random.Random(seed)
    return "".join(f"line {number}: {generator.randrange(1000)}\n" for number in range(lines)).encode()


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def sha256_of_file(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def get(url, token=None, **headers):
    """A plain GET, as curl does it. Answers status, headers and body, whatever the status is."""
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


class Client:
    """Calls huggingface_hub in processes of their own, which share no cache with others."""

    def __init__(self, home, user=None, **env):
        self._env = {**os.environ, "HF_HOME": str(home), "HF_XET_CACHE": str(pathlib.Path(home) / "xet"), **env}
        self._env.pop("HF_HUB_DISABLE_IMPLICIT_TOKEN")
        if user:
            self._env["HF_TOKEN"] = user.token

    def start(self, *args):
        script = pathlib.Path(__file__).parent / "client.py"
        return subprocess.Popen(
            [sys.executable, str(script), *map(str, args)],
            env=self._env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def call(self, *args):
        """What the call printed last: the path of a download."""
        process = self.start(*args)
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, f"{args}: {out}\n{err}"
        return out.rstrip("\n").rpartition("\n")[2]
