"""odiff's own binary: `BASELINES CANDIDATES ANSWERS BINARY processes|servers`.

Either one process for each pair, as on its command line, or two of its servers, which answer one
request after another but insist on a picture of each difference.
"""

import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from benchmarks.contest.arguments import read_arguments, write_answers

_EXIT_CODES = {0: False, 21: True, 22: True}


def ask_process(pair: tuple[str, str, str]) -> tuple[str, dict[str, Any]]:
    """Return what a process of its own says of a pair."""
    name, baseline, candidate = pair
    command = [sys.argv[4], baseline, candidate, "--parsable-stdout"]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode not in _EXIT_CODES:
        raise RuntimeError(f"{name}: odiff ended with {done.returncode}: {done.stderr!r}")
    return name, {"differs": _EXIT_CODES[done.returncode]}


def serve(pairs: "SimpleQueue[tuple[str, str, str]]", folder: str) -> dict[str, dict[str, Any]]:
    """Start a server, and ask it of pairs until none is left."""
    answers: dict[str, dict[str, Any]] = {}
    with subprocess.Popen(
        [sys.argv[4], "--server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        if not server.stdin or not server.stdout:
            raise RuntimeError("odiff's server has no pipes")
        server.stdout.readline()  # it is ready
        while not pairs.empty():
            name, baseline, candidate = pairs.get()
            output = f"{folder}/{len(answers)}-{server.pid}.png"
            request = {"requestId": 1, "base": baseline, "compare": candidate, "output": output}
            print(json.dumps(request), file=server.stdin, flush=True)
            answer = json.loads(server.stdout.readline())
            if "error" in answer:
                raise RuntimeError(f"{name}: {answer['error']}")
            answers[name] = {"differs": not answer["match"]}
        server.stdin.close()
    return answers


def main() -> None:
    """Compare all pairs, two at a time."""
    pairs, path = read_arguments()
    answers: dict[str, dict[str, Any]] = {}
    with ThreadPoolExecutor(2) as pool, tempfile.TemporaryDirectory() as folder:
        if sys.argv[5] == "processes":
            answers.update(pool.map(ask_process, pairs))
        else:
            waiting: SimpleQueue[tuple[str, str, str]] = SimpleQueue()
            for pair in pairs:
                waiting.put(pair)
            for task in [pool.submit(serve, waiting, folder) for _ in range(2)]:
                answers.update(task.result())
    write_answers(Path(path), answers)
