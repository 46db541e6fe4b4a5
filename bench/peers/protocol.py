"""The loop every peer adapter runs: one JSON object a line in, one out."""
import json
import resource
import sys
import time


class Peer:
    """Subclasses give load(data, store), open(store), and an op_NAME(param) for each operation: a number, or the rows of the answer."""

    def load(self, data: str, store: str) -> int:
        raise NotImplementedError

    def open(self, store: str) -> None:
        raise NotImplementedError

    def op_null(self, _param) -> int:
        return 0


MASK = (1 << 52) - 1


def cell(value) -> int:
    """What a cell adds to the check: a number itself, a real one to a thousandth, a text its bytes."""
    if isinstance(value, str):
        return sum(value.encode())
    return round(value * 1000) if isinstance(value, float) else int(value or 0)


def fold(rows) -> int:
    """One number for an answer: every cell times the number of its row, from 1."""
    return sum(number * cell(value) for number, row in enumerate(rows, 1) for value in row) & MASK


def timed(function, *arguments):
    begin = time.perf_counter_ns()
    result = function(*arguments)
    return time.perf_counter_ns() - begin, result


def answer(peer: Peer, request: dict) -> dict:
    command = request["cmd"]
    if command == "load":
        ns, check = timed(peer.load, request["data"], request["store"])
        return {"ns": [ns], "check": check}
    if command == "open":
        ns, _ = timed(peer.open, request["store"])
        return {"ns": [ns]}
    if command == "run":
        operation = getattr(peer, "op_" + request["op"], None)
        if operation is None:
            return {"missing": request["op"]}
        times, check = [], 0
        for param in request["params"]:
            ns, value = timed(operation, param)
            times.append(ns)
            check = (check + (value if isinstance(value, int) else fold(value))) & MASK
        return {"ns": times, "check": check}
    if command == "rss":
        return {"bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}
    return {"error": f"no command {command}"}


def serve(peer: Peer) -> None:
    for line in sys.stdin:
        try:
            reply = answer(peer, json.loads(line))
        except Exception as error:  # a peer that fails says so instead of hanging its driver
            reply = {"error": f"{type(error).__name__}: {error}"[:400]}
        print(json.dumps(reply), flush=True)
