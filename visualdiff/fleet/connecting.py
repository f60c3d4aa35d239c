"""Which Dask cluster compares → a client of it: one of this machine, or one that somebody runs."""

import json
import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Final

import dask
from distributed import Client, LocalCluster
from distributed.utils import silence_logging_cmgr

from visualdiff.errors import ConfigError
from visualdiff.interrupts import hold_signals_back

LOCAL: Final = "local"
# How long a scheduler may take to answer, and workers to come.
PATIENCE: Final = 60.0
_SETTINGS: Final = {
    # Not of multiprocessing's daemons, which may have no processes of their own.
    "distributed.worker.daemon": False,
    # A busy machine is no reason to give a worker up.
    "distributed.comm.timeouts.connect": f"{PATIENCE:g}s",
}


@contextmanager
def open_client(scheduler: str, workers: int) -> Iterator[Client]:
    """Yield a client of a cluster that has workers; one of this machine ends with the context.

    `scheduler` is `local`, for as many single-thread `workers`, an address such as
    tcp://host:8786, or the path of a scheduler file. Raises `ConfigError` where nobody answers.
    """
    if scheduler == LOCAL:
        with _open_local(workers) as client:
            yield client
        return
    address = scheduler if "://" in scheduler else _read_address(Path(scheduler))
    # What Dask would log of a lost connection is told in fewer words.
    with silence_logging_cmgr(logging.CRITICAL):
        try:
            # Not the default one: the caller may have a client of its own.
            client = Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ConfigError(f"scheduler: {address} cannot be reached: {error}") from error
        with client:
            yield client


@contextmanager
def _open_local(workers: int) -> Iterator[Client]:
    # Workers inherit what the threads that start them hold back, unless multiprocessing then has
    # to start its tracker, which lets it through.
    resource_tracker.ensure_running()
    with dask.config.set(_SETTINGS), hold_signals_back(signal.SIGTERM):
        cluster = LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",  # None would try 8787, and warn where that is taken
            memory_limit=None,  # what compares is not the process that it would watch
            silence_logs=logging.CRITICAL,
        )
    with cluster:
        with hold_signals_back(signal.SIGTERM):
            client = Client(cluster, set_as_default=False)
        with client:
            yield client


def _read_address(path: Path) -> str:
    """Return the address that a scheduler wrote to its file."""
    try:
        return str(json.loads(path.read_bytes())["address"])
    except FileNotFoundError:
        raise ConfigError(
            f"scheduler: {path}: no such file; an address begins as tcp:// does"
        ) from None
    except OSError as error:
        raise ConfigError(f"scheduler: {path}: cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError):
        raise ConfigError(f"scheduler: {path}: is no scheduler file of Dask's") from None
