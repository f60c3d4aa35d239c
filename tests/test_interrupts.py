"""What is started while signals are held back is never reached by them."""

import signal
import subprocess
import sys

from visualdiff.interrupts import hold_signals_back

ASK = "import signal; print(*sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())))"


def ask() -> str:
    """Return which signals a process that is started now holds back."""
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_process_inherits_what_is_held_back_and_nothing_later() -> None:
    before = ask()
    with hold_signals_back():
        assert str(int(signal.SIGINT)) in ask().split()
    with hold_signals_back(signal.SIGTERM):
        assert {str(int(signal.SIGINT)), str(int(signal.SIGTERM))} <= set(ask().split())
    assert ask() == before
