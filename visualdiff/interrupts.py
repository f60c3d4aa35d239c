"""Signals that shall not reach what is started meanwhile."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def hold_signals_back(*signals: signal.Signals) -> Iterator[None]:
    """Start processes that Ctrl-C never reaches, not even before they can say so themselves.

    Nor do other `signals`. Where the system has no such masks, nothing is held back.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, *signals})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
