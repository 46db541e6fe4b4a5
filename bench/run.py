#!/usr/bin/env python3
"""Runs bench suites: Tarn and its peers, interleaved, equality before time. See bench/README.md.

Usage: run.py [SUITE...] [--size 10k|100k|1m] [--rounds N] [--record FILE]
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ.get("TARN_CACHE", pathlib.Path.home() / ".cache/tarn"))
PYTHON = CACHE / "venv-peers/bin/python"
SIZES = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000}
AA = "tarn-again"  # Tarn against itself: the floor below which a difference means nothing


class Participant:
    def __init__(self, name: str):
        self.name = name
        command = [ROOT / "build/bench/tarn-bench"] if name in ("tarn", AA) else [PYTHON, ROOT / f"bench/peers/{name}_peer.py"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, **request) -> dict:
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        reply = json.loads(line) if line else {"error": "the process ended"}
        if "error" in reply:
            raise RuntimeError(f"{self.name}: {reply['error']}")
        return reply

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def weather() -> dict:
    """One reading of what the machine is doing; a path that needs no privilege."""
    with tempfile.NamedTemporaryFile(dir=CACHE / "tmp") as file:
        import time
        begin = time.perf_counter_ns()
        for _ in range(50):
            file.write(b"x" * 4096)
            file.flush()
            os.fdatasync(file.fileno())
        sync = (time.perf_counter_ns() - begin) / 50
    return {"fdatasync_ns": int(sync), "load": os.getloadavg()[0]}


def order(names: list[str], round_number: int) -> list[str]:
    return names if round_number % 2 == 0 else names[::-1]


def run_load(case: dict, data: pathlib.Path, work: pathlib.Path, rounds: int) -> list[dict]:
    rows = []
    for number in range(rounds):
        for name in order(["tarn", AA, *case["peers"]], number):
            store = work / f"{case['suite']}-{name}-{number}"
            participant = Participant(name)
            reply = participant.ask(cmd="load", data=str(data), store=str(store))
            rss = participant.ask(cmd="rss")["bytes"]
            participant.close()
            rows.append({"op": "load", "round": number, "who": name, "ns": reply["ns"], "check": reply["check"], "rss": rss})
            for left in work.glob(f"{store.name}*"):
                shutil.rmtree(left) if left.is_dir() else left.unlink()
    return rows


def prepare_stores(names: list[str], data: pathlib.Path, work: pathlib.Path) -> dict[str, str]:
    stores = {}
    for name in names:
        store = work / f"store-{'tarn' if name == AA else name}"
        if name != AA:
            participant = Participant(name)
            participant.ask(cmd="load", data=str(data), store=str(store))
            participant.close()
        stores[name] = str(store)
    return stores


def run_warm(case: dict, params: dict, stores: dict[str, str], rounds: int) -> list[dict]:
    rows = []
    names = ["tarn", AA, *case["peers"]]
    participants = {name: Participant(name) for name in names}
    for name in names:
        participants[name].ask(cmd="open", store=stores[name])
    for entry in case["ops"]:
        able = []
        for name in names:  # primed once, unmeasured
            try:
                participants[name].ask(cmd="run", op=entry["op"], params=params[entry["params"]])
                able.append(name)
            except RuntimeError as error:
                print(f"  {entry['op']}: {error}", flush=True)
                participants[name].close()
                participants[name] = Participant(name)
                participants[name].ask(cmd="open", store=stores[name])
        for number in range(rounds):
            for name in order(able, number):
                reply = participants[name].ask(cmd="run", op=entry["op"], params=params[entry["params"]])
                if "missing" not in reply:
                    rows.append({"op": f"{entry['op']}/{entry['params']}", "round": number, "who": name, "ns": reply["ns"],
                                 "check": reply["check"] if "check" in entry else None, "limit": entry.get("limit")})
    for name in names:
        participants[name].close()
    return rows


def run_writes(case: dict, params: dict, data: pathlib.Path, work: pathlib.Path, rounds: int) -> list[dict]:
    """Each participant changes a store of its own. Keys that are inserted in a round get an edge and are deleted in it."""
    rows = []
    names = ["tarn", AA, *case["peers"]]
    participants = {name: Participant(name) for name in names}
    for name in names:
        store = str(work / f"{case['suite']}-{name}")
        participants[name].ask(cmd="load", data=str(data), store=store)
        participants[name].ask(cmd="open", store=store)
    for number in range(-1, rounds):  # the first one primes, unmeasured
        new = [f"new-{number}-{i}" for i in range(case["count"])]
        old = [params["uniform"][i % len(params["uniform"])] for i in range(case["count"])]
        for op in case["writes"]:
            for name in order(names, number):
                reply = participants[name].ask(cmd="run", op=op, params=old if op == "update" else new)
                if "missing" not in reply and number >= 0:
                    rows.append({"op": op, "round": number, "who": name, "ns": reply["ns"], "check": reply["check"]})
    for name in names:
        participants[name].close()
    return rows


def run_fresh(case: dict, params: dict, stores: dict[str, str], rounds: int) -> list[dict]:
    rows = []
    for entry in case["fresh"]:
        for number in range(rounds):
            for name in order(["tarn", AA, *case["peers"]], number):
                participant = Participant(name)
                opened = participant.ask(cmd="open", store=stores[name])["ns"][0]
                reply = participant.ask(cmd="run", op=entry["op"], params=params[entry["params"]][:1])
                participant.close()
                rows.append({"op": f"open+{entry['op']}", "round": number, "who": name, "ns": [opened + reply["ns"][0]], "check": reply["check"]})
    return rows


def summary(case: dict, rows: list[dict], limits: dict) -> str:
    lines = [f"\n{case['suite']}: {case['title']}"]
    if "notes" in case:
        lines.append(f"  note: {case['notes']}")
    for op in dict.fromkeys(row["op"] for row in rows):
        mine = [row for row in rows if row["op"] == op]
        checks = {row["check"] for row in mine}
        median = {(row["who"], row["round"]): statistics.median(row["ns"]) for row in mine}
        rounds = sorted({row["round"] for row in mine})
        lines.append(f"  {op}: tarn {statistics.median(median['tarn', r] for r in rounds) / 1e3:,.1f} µs"
                     + ("" if len(checks) == 1 else f"   ANSWERS DIFFER {sorted(map(str, checks))}"))
        if len(checks) > 1:
            continue
        for peer in dict.fromkeys(row["who"] for row in mine if row["who"] != "tarn"):
            ratios = [median["tarn", r] / median[peer, r] for r in rounds if (peer, r) in median]
            lines.append(f"      / {peer:<11} {statistics.median(ratios):8.3f}   ({min(ratios):.3f} .. {max(ratios):.3f})"
                         f"   peer {statistics.median(median[peer, r] for r in rounds) / 1e3:,.1f} µs")
        limit = mine[0].get("limit")
        if limit in limits:
            lines.append(f"      / limit       {statistics.median(median['tarn', r] for r in rounds) / limits[limit]:8.1f}   limit {limits[limit] / 1e3:,.1f} µs")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("suites", nargs="*", default=[])
    parser.add_argument("--size", choices=SIZES, default="10k")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--record", type=pathlib.Path)
    options = parser.parse_args()
    suites = options.suites or sorted(path.stem for path in (ROOT / "bench/cases").glob("*.json"))
    data = CACHE / f"bench/follows-{options.size}"
    subprocess.run([PYTHON, ROOT / "bench/gen/follows.py", str(SIZES[options.size]), data], check=True)
    params = json.loads((data / "data.json").read_text())
    params |= {"none": ["-"], "few": params["uniform"][:5]}  # a question without a key; some keys of many
    limits = json.loads(subprocess.run([ROOT / "build/bench/limit_csr", data], capture_output=True, text=True, check=True).stdout)
    record = {"data": {k: params[k] for k in ("name", "seed", "edges", "sha256")}, "limits": limits, "weather": [weather()], "rows": []}
    with tempfile.TemporaryDirectory(dir=CACHE / "tmp") as folder:
        work = pathlib.Path(folder)
        cases = [json.loads((ROOT / f"bench/cases/{suite}.json").read_text()) for suite in suites]
        if "TARN_OMNIGRAPH" not in os.environ:  # no registry serves it
            for case in cases:
                case["peers"] = [peer for peer in case["peers"] if peer != "omnigraph"]
        names = list(dict.fromkeys(["tarn", AA, *(peer for case in cases for peer in case["peers"])]))
        stores = prepare_stores(names, data, work) if any("load" not in case and "writes" not in case for case in cases) else {}
        for case in cases:
            if "load" in case:
                rows = run_load(case, data, work, options.rounds)
            elif "writes" in case:
                rows = run_writes(case, params, data, work, options.rounds)
            elif "fresh" in case:
                rows = run_fresh(case, params, stores, options.rounds)
            else:
                rows = run_warm(case, params, stores, options.rounds)
            record["rows"] += [{"suite": case["suite"], **row} for row in rows]
            record["weather"].append(weather())
            print(summary(case, rows, limits), flush=True)
    if options.record:
        options.record.write_text(json.dumps(record) + "\n")


if __name__ == "__main__":
    sys.exit(main())
