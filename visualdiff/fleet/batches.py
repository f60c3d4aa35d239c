"""Tasks → batches: many small pairs at once, a large one alone.

A scheduler takes about 1 ms for whatever it hands out, and a small pair takes half of that.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from visualdiff.tasks import Task
from visualdiff.weighing import weigh_pair

# About a second of work where all pixels are compared; results arrive in such portions.
MOST_PIXELS: Final = 20_000_000
MOST_PAIRS: Final = 200


class Batch(NamedTuple):
    """Tasks that go to a worker together, which compares one after the other."""

    tasks: tuple[Task, ...]
    heaviest: Task


def cut_batches(tasks: Iterable[Task]) -> Iterator[Batch]:
    """Yield all tasks in batches, in their order; they are weighed as they are asked for."""
    taken: list[tuple[int, Task]] = []
    total = 0
    for task in tasks:
        pixels = weigh_pair(task.pair, task.max_image_pixels)
        if taken and (total + pixels > MOST_PIXELS or len(taken) == MOST_PAIRS):
            yield _close(taken)
            taken, total = [], 0
        taken.append((pixels, task))
        total += pixels
    if taken:
        yield _close(taken)


def _close(taken: list[tuple[int, Task]]) -> Batch:
    _, heaviest = max(taken, key=lambda item: item[0])
    return Batch(tuple(task for _, task in taken), heaviest)
