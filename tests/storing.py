"""An object storage as others run it: an S3 server on loopback, and a bucket for each test."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
import s3fs
from serving import COMMAND

from visualdiff.remote import drivers

# On a busy machine everything takes its time; nobody waits that long for what works.
PATIENCE_SECONDS = 60
ACCESS_KEY = "a-key-of-tests"
# Tests look for it in all that is printed or written.
SECRET = "a-secret-nobody-may-see"  # noqa: S105 (the server takes any)
REGION = "us-east-1"
# As many as S3 tells at once.
PAGE = 1000
# Of whom runs the tests: none of these may lead them to another storage.
_FOREIGN = re.compile("AWS_|BOTO|FSSPEC_|(http|https|all|no)_proxy$", re.IGNORECASE)


class Storage:
    """A server that runs at `address`."""

    def __init__(self, address: str, process: "subprocess.Popen[bytes]") -> None:
        self.address = address
        # Nothing is said to clients, and connections are refused from then on.
        self.kill = process.kill


class Bucket:
    """A bucket of a storage, seen by a client that is not the one under test."""

    def __init__(self, address: str) -> None:
        self.name = f"bucket-{uuid4().hex}"
        self.url = f"s3://{self.name}"
        self.variables = describe_access(address)
        self._client = boto3.client(
            "s3",
            endpoint_url=address,
            region_name=REGION,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET,
        )
        self._client.create_bucket(Bucket=self.name)
        self.close = self._client.close

    def put(self, key: str, data: bytes) -> None:
        self._client.put_object(Bucket=self.name, Key=key, Body=data)

    def fill(self, prefix: str, folder: Path) -> None:
        """Upload all files of a folder, under their names in it."""
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                name = path.relative_to(folder).as_posix()
                self.put(f"{prefix}/{name}" if prefix else name, path.read_bytes())

    def get(self, key: str) -> bytes:
        with closing(self._client.get_object(Bucket=self.name, Key=key)["Body"]) as body:
            data: bytes = body.read()
        return data

    def head(self, key: str) -> dict[str, Any]:
        """Return what the storage tells of an object."""
        told: dict[str, Any] = self._client.head_object(Bucket=self.name, Key=key)
        return told

    def etag(self, key: str) -> str:
        return str(self.head(key)["ETag"])

    def delete(self, key: str) -> None:
        self._client.delete_object(Bucket=self.name, Key=key)

    def names(self, prefix: str = "") -> list[str]:
        """Return all keys that start with a prefix, sorted, however many pages they are."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self.name, Prefix=prefix, PaginationConfig={"PageSize": PAGE}
        )
        return sorted(entry["Key"] for page in pages for entry in page.get("Contents", ()))


@contextmanager
def start_storage(folder: Path) -> Iterator[Storage]:
    """Start a server that logs into a folder; end it with the block.

    It is a process, as a client must be able to lose it. Everything it holds is in memory.
    """
    log = folder / "storage.log"
    # What it would warn of is its own affair.
    words = ["-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    with log.open("wb") as file:
        process = subprocess.Popen([sys.executable, *words], stdout=file, stderr=file)
    try:
        yield Storage(_wait_for_address(process, log), process)
    finally:
        process.kill()
        process.wait()


def _wait_for_address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    """Return the address that a server logs: it chooses the port."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        said = log.read_text("utf-8")
        if found := re.search(r"Running on (http://127\.0\.0\.1:\d+)\s", said):
            return found[1]
        assert process.poll() is None, f"the storage did not start:\n{said}"
        assert time.monotonic() < end, f"the storage said no address:\n{said}"
        time.sleep(0.02)


@contextmanager
def make_bucket(address: str) -> Iterator[Bucket]:
    """Make a bucket with a name of its own; what it holds ends with the storage."""
    with closing(Bucket(address)) as bucket:
        yield bucket


def describe_access(address: str) -> dict[str, str]:
    """Return the variables that lead a process to a storage, or to a proxy before it."""
    return {
        "AWS_ENDPOINT_URL": address,
        "AWS_ENDPOINT_URL_S3": address,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "*",
        # Neither exists, and neither can.
        "AWS_CONFIG_FILE": f"{os.devnull}/config",
        "AWS_SHARED_CREDENTIALS_FILE": f"{os.devnull}/credentials",
    }


def enter(monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str]) -> None:
    """Let this process use a storage, and nothing that it remembers of another."""
    for name in filter(_FOREIGN.match, list(os.environ)):
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    forget()


def forget() -> None:
    """Let go of file systems that are kept: they hold addresses, listings and connections."""
    s3fs.S3FileSystem.clear_instance_cache()
    drivers.find_driver.cache_clear()


def start(folder: Path, variables: Mapping[str, str], *words: str) -> "subprocess.Popen[str]":
    """Start the command in a folder, with a storage; both its outputs are one."""
    own = {name: value for name, value in os.environ.items() if not _FOREIGN.match(name)}
    return subprocess.Popen(
        [COMMAND, *words],
        cwd=folder,
        env={**own, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(folder: Path, variables: Mapping[str, str], *words: str) -> tuple[int, str]:
    """Run the command, and return its exit code and all that it printed."""
    with start(folder, variables, *words) as process:
        try:
            said, _ = process.communicate(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            raise
    assert SECRET not in said, "the command printed the secret"
    return process.returncode, said
