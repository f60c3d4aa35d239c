"""What all tests need: no deadlines, and interrupts that interrupt."""

import signal

from hypothesis import settings

# How long an example takes says more of the machine than of the code.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")

# Started in the background by a shell, tests are told to ignore interrupts, and so are the
# processes that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)
