"""One hub for the whole run, as its operator starts it, the wire to it, and people with tokens."""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid

import pytest
from wire import Wire

ROOT = pathlib.Path(__file__).resolve().parents[2]
HUB_COMMAND = os.environ.get("HUB_COMMAND", "node src/main.ts").split()


def _free_ports(count):
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


# Clients see the port of the wire only.
_PORT, _HUB_PORT = _free_ports(2)
# Read by huggingface_hub when it is imported, so they are set before any test imports it. run.sh decides on HF_HUB_DISABLE_XET.
ENDPOINT = f"http://127.0.0.1:{_PORT}"
_HOME = tempfile.mkdtemp(prefix="hub-clients-")
os.environ.update(
    HF_ENDPOINT=ENDPOINT,
    HF_HOME=f"{_HOME}/hf",
    HF_HUB_DISABLE_TELEMETRY="1",
    HF_HUB_DISABLE_PROGRESS_BARS="1",
    HF_HUB_DISABLE_IMPLICIT_TOKEN="1",
    HF_HUB_DISABLE_UPDATE_CHECK="1",
)
os.environ.pop("HF_TOKEN", None)
os.environ.pop("HUGGING_FACE_HUB_TOKEN", None)

_ENV = {
    **os.environ,
    "KOHAKU_HUB_PORT": str(_HUB_PORT),
    "KOHAKU_HUB_BASE_URL": ENDPOINT,
    "KOHAKU_HUB_DATA_DIR": f"{_HOME}/data",
    "KOHAKU_HUB_LOG_LEVEL": "warn",
    "KOHAKU_HUB_SSH_PORT": "off",
    # Small, so that an ordinary test file is uploaded in parts.
    "KOHAKU_HUB_LFS_MULTIPART_THRESHOLD_BYTES": "12MB",
    "KOHAKU_HUB_LFS_MULTIPART_CHUNK_SIZE_BYTES": "5MiB",
}


def _run(*command):
    done = subprocess.run(command, cwd=ROOT, env=_ENV, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
    return done.stdout.strip()


def hub_command(*args):
    return _run(*HUB_COMMAND, *args)


class HubProcess:
    """The hub, which may be killed and started again on the same data and the same port."""

    def start(self):
        self._process = subprocess.Popen(
            [*HUB_COMMAND, "serve"], cwd=ROOT, env=_ENV, stdout=sys.stderr, stderr=sys.stderr
        )
        deadline = time.monotonic() + 90
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{_HUB_PORT}/health").read()
                return
            except OSError:
                assert self._process.poll() is None, "the hub ended while starting"
                assert time.monotonic() < deadline, "the hub did not start"
                time.sleep(0.05)

    def kill(self):
        self._process.kill()
        self._process.wait(60)

    def stop(self):
        assert self._process.poll() is None, f"the hub ended during the tests with code {self._process.returncode}"
        self._process.terminate()
        assert self._process.wait(60) == 0, "the hub did not stop cleanly"


@pytest.fixture(scope="session")
def hub_process():
    process = HubProcess()
    process.start()
    yield process
    process.stop()
    shutil.rmtree(_HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def wire(hub_process):
    """The way to the hub, where bytes are counted."""
    wire = Wire(_PORT, _HUB_PORT)
    wire.connect()
    yield wire
    wire.disconnect()


@pytest.fixture
def traffic(wire):
    """What goes over the wire during a test."""
    return wire.traffic()


@pytest.fixture(scope="session")
def hub(wire):
    """The address of a running hub."""
    return ENDPOINT


class User:
    def __init__(self, name, token, api):
        self.name = name
        self.token = token
        self.api = api

    def repo_name(self):
        return f"{self.name}/repo-{uuid.uuid4().hex[:10]}"


def make_user(name):
    from huggingface_hub import HfApi

    hub_command("user", "add", name, "--password", "correct horse battery")
    token = hub_command("token", "create", name, "--name", "pytest")
    return User(name, token, HfApi(endpoint=ENDPOINT, token=token))


@pytest.fixture(scope="session")
def alice(hub):
    return make_user("alice")


@pytest.fixture(scope="session")
def alice_reading(alice):
    """Alice with a token that may only read."""
    from huggingface_hub import HfApi

    token = hub_command("token", "create", alice.name, "--name", "reads", "--role", "read")
    return User(alice.name, token, HfApi(endpoint=ENDPOINT, token=token))


@pytest.fixture(scope="session")
def bob(hub):
    return make_user("bob")


@pytest.fixture(scope="session")
def anonymous(hub):
    from huggingface_hub import HfApi

    return HfApi(endpoint=ENDPOINT, token=False)


@pytest.fixture
def repo(alice):
    """A fresh public model of alice's."""
    name = alice.repo_name()
    alice.api.create_repo(name)
    return name


@pytest.fixture
def disable(hub):
    """Disables a model, given its full name, behind the hub's back: no client call does."""
    return lambda name: _run("node", "test/clients/disable-repo.ts", name)
