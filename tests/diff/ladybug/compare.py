#!/usr/bin/env python3
"""Random graph queries, asked of Tarn (the program, black box) and of ladybug (an independent graph engine).

req: GRAPH-1 GRAPH-8 GRAPH-10
Both hold the same seeded random graphs: two node types, parallel edges, nulls, cycles. Each query is made once as a shape
and written in both languages. Answers must be equal as multisets, and as sequences where the order is total.
Usage: compare.py TARN SEED GRAPHS QUERIES
"""
import json
import math
import pathlib
import random
import subprocess
import sys
import tempfile

import ladybug

SCHEMA = """
node Person { key: String @key  age: I32?  name: String  score: F64? }
node Place { key: String @key  size: I32 }
edge Knows: Person -> Person { since: I32? }
edge LivesIn: Person -> Place
"""


class Graph:
    def __init__(self, rng: random.Random):
        self.people = [{"key": f"p{i}", "age": rng.choice([None, *range(1, 9)]), "name": rng.choice(["Ann", "Bob", "Åke", "bo"]),
                        "score": rng.choice([None, 0.5, 1.25, -3.0])} for i in range(rng.randint(3, 12))]
        self.places = [{"key": f"c{i}", "size": rng.randint(0, 4)} for i in range(rng.randint(1, 4))]
        keys = [p["key"] for p in self.people]
        self.knows = [(a, b, rng.choice([None, *range(2000, 2006)])) for _ in range(rng.randint(0, 30))
                      for a, b in [(rng.choice(keys), rng.choice(keys))] if a != b]
        self.lives = [(k, rng.choice(self.places)["key"]) for k in keys for _ in range(rng.choice([0, 1, 1, 2]))]

    def jsonl(self) -> str:
        lines = [{"type": "Person", "data": p} for p in self.people] + [{"type": "Place", "data": p} for p in self.places]
        lines += [{"edge": "Knows", "from": a, "to": b, "data": {"since": s}} for a, b, s in self.knows]
        lines += [{"edge": "LivesIn", "from": a, "to": b} for a, b in self.lives]
        return "".join(json.dumps(line) + "\n" for line in lines)

    def ladybug(self) -> "ladybug.Connection":
        connection = ladybug.Connection(ladybug.Database(":memory:"))
        run = connection.execute
        run("CREATE NODE TABLE Person(key STRING PRIMARY KEY, age INT32, name STRING, score DOUBLE)")
        run("CREATE NODE TABLE Place(key STRING PRIMARY KEY, size INT32)")
        run("CREATE REL TABLE Knows(FROM Person TO Person, since INT32)")
        run("CREATE REL TABLE LivesIn(FROM Person TO Place)")
        for p in self.people:
            run("CREATE (:Person {key: $key, age: CAST($age AS INT32), name: $name, score: CAST($score AS DOUBLE)})", p)
        for p in self.places:
            run("CREATE (:Place {key: $key, size: $size})", p)
        for a, b, s in self.knows:
            run("MATCH (a:Person {key: $a}), (b:Person {key: $b}) CREATE (a)-[:Knows {since: CAST($s AS INT32)}]->(b)", {"a": a, "b": b, "s": s})
        for a, b in self.lives:
            run("MATCH (a:Person {key: $a}), (b:Place {key: $b}) CREATE (a)-[:LivesIn]->(b)", {"a": a, "b": b})
        return connection


class Query:
    """One shape in two spellings. Every hop is edge-bound, so both languages count one row per edge."""

    def __init__(self, rng: random.Random):
        self.rng = rng
        self.gq, self.path, self.where = ["$a: Person"], "(a:Person)", []
        self.vars = {"a": "Person"}
        last = "a"
        for i in range(rng.randint(0, 3)):
            edge, node = f"e{i}", "bcd"[i]
            if rng.random() < 0.25 and last != "place":
                self.gq.append(f"${last} ${edge}:livesIn ${node}")
                self.path += f"-[{edge}:LivesIn]->({node}:Place)"
                self.vars[node] = "Place"
                break
            forward = rng.random() < 0.7
            self.gq.append(f"${last} ${edge}:knows ${node}" if forward else f"${node} ${edge}:knows ${last}")
            self.path += f"-[{edge}:Knows]->({node}:Person)" if forward else f"<-[{edge}:Knows]-({node}:Person)"
            self.vars[node] = "Person"
            self.vars[edge] = "Knows"
            last = node
        for _ in range(rng.randint(0, 2)):
            self.filter()
        if rng.random() < 0.35:
            self.negation()
        self.result()

    def numeric(self) -> str:
        var, kind = self.rng.choice(sorted(self.vars.items()))
        return f"{var}.{ {'Person': self.rng.choice(['age', 'score']), 'Place': 'size', 'Knows': 'since'}[kind] }"

    def filter(self) -> None:
        gq, cypher = self.condition(2)
        self.gq.append(gq)
        self.where.append(cypher)

    def condition(self, depth: int) -> tuple[str, str]:
        """One truth value in both languages: three-valued in both."""
        roll = self.rng.random()
        if depth and roll < 0.25:
            (a, x), (b, y), word = self.condition(depth - 1), self.condition(depth - 1), self.rng.choice(["and", "or"])
            return f"({a} {word} {b})", f"({x} {word.upper()} {y})"
        if depth and roll < 0.35:
            a, x = self.condition(depth - 1)
            return f"not ({a})", f"NOT ({x})"
        left = self.numeric()
        if roll < 0.45:
            no = self.rng.choice(["", "not "])
            return f"${left} is {no}null", f"{left} IS {no.upper()}NULL"
        if roll < 0.55:
            numbers = [self.rng.choice([0, 1, 3, 5, 2003]) for _ in range(self.rng.randint(1, 4))]
            # Ladybug compares a list with a number of its own kind only.
            theirs = [float(n) for n in numbers] if left.endswith("score") else numbers
            return f"${left} in {numbers}", f"{left} IN {theirs}"
        op = self.rng.choice(["=", "!=", "<", "<=", ">", ">="])
        right = self.numeric() if self.rng.random() < 0.4 else str(self.rng.choice([0, 3, 5, 2003, 0.5, 4.5, -1]))
        change = self.rng.choice(["", "", " + 1", " - 2", " * 3"])
        if change and not right.lstrip("-").isdigit():
            change += ".0"  # Ladybug compares a computed integer with integers only
        return (f"${left}{change} {op} " + (f"${right}" if right[0].isalpha() else right),
                f"{left}{change} {'<>' if op == '!=' else op} {right}")

    def negation(self) -> None:
        var = self.rng.choice([v for v, kind in self.vars.items() if kind == "Person"])
        if self.rng.random() < 0.5:
            self.gq.append(f"not {{ ${var} knows $_ }}")
            self.where.append(f"NOT EXISTS {{ MATCH ({var})-[:Knows]->(:Person) }}")
        else:
            age = self.rng.randint(1, 8)
            self.gq.append(f"not {{ $n knows ${var}  $n.age < {age} }}")
            self.where.append(f"NOT EXISTS {{ MATCH (n:Person)-[:Knows]->({var}) WHERE n.age < {age} }}")

    def result(self) -> None:
        nodes = [v for v, kind in self.vars.items() if kind != "Knows"]
        shape = self.rng.choice(["rows", "count", "group", "ordered", "distinct", "optional"])
        self.ordered = shape == "ordered"
        if shape == "rows":
            columns = [(f"{v}.key", f"{v}.key") for v in nodes] + [(n := self.numeric(), n)]
            gq_return = [f"${c}" for c, _ in columns]
            cy_return = [c for _, c in columns]
        elif shape == "count":
            n = self.numeric()
            gq_return = [f"count(${n}) as n", f"sum(${n}) as s", f"min(${n}) as lo", f"max(${n}) as hi", "count($a) as c"]
            cy_return = [f"count({n})", f"CAST(sum({n}) AS DOUBLE)", f"min({n})", f"max({n})", "count(a.key)"]
        elif shape == "group":
            v, n = self.rng.choice(nodes), self.numeric()
            gq_return = [f"${v}.key", f"count(${n}) as n", f"avg(${n}) as m", "count($a) as c", f"count(distinct ${n}) as d"]
            cy_return = [f"{v}.key", f"count({n})", f"avg({n})", "count(a.key)", f"count(DISTINCT {n})"]
        elif shape == "distinct":
            v, n = self.rng.choice(nodes), self.numeric()
            gq_return, cy_return = [f"${n} as n", f"${v}.key as k"], [n, f"{v}.key"]
        elif shape == "optional":
            limit = self.rng.randint(0, 4)
            self.gq.append(f"optional {{ $a $lives:livesIn $home  $home.size >= {limit} }}")
            gq_return, cy_return = ["$a.key", "$home.key as home", "($home is null) as alone"], ["a.key", "home.key", "home IS NULL"]
        else:
            gq_return = [f"${v}.key as k{v}" for v in nodes]
            cy_return = [f"{v}.key AS k{v}" for v in nodes]
        once = "distinct " if shape == "distinct" else ""
        self.gq_text = f"query q() {{ match {{ {'  '.join(self.gq)} }} return {once}{{ {', '.join(gq_return)} }}"
        self.cypher = f"MATCH {self.path}" + (f" WHERE {' AND '.join(self.where)}" if self.where else "")
        if shape == "optional":
            self.cypher += f" OPTIONAL MATCH (a)-[:LivesIn]->(home:Place) WHERE home.size >= {limit}"
        self.cypher += f" RETURN {once.upper()}{', '.join(cy_return)}"
        if self.ordered:
            limit, skip = self.rng.randint(1, 20), self.rng.choice([0, 0, 1, 3])
            self.gq_text += f" order {{ {', '.join(f'k{v}' for v in nodes)} }} offset {skip} limit {limit}"
            self.cypher += f" ORDER BY {', '.join(f'k{v}' for v in nodes)} SKIP {skip} LIMIT {limit}"
        self.gq_text += " }"


def normal(value):
    return round(value, 9) if isinstance(value, float) and not math.isnan(value) else value


def tarn_rows(tarn: str, store: str, text: str) -> list[tuple]:
    ran = subprocess.run([tarn, "query", "--store", store, "-e", text, "--json"], capture_output=True, text=True)
    if ran.returncode != 0:
        raise SystemExit(f"tarn refused\n  {text}\n{ran.stderr}")
    answer = json.loads(ran.stdout)
    return [tuple(normal(row[column]) for column in answer["columns"]) for row in answer["rows"]]


def ladybug_rows(connection, text: str) -> list[tuple]:
    result, rows = connection.execute(text), []
    while result.has_next():
        rows.append(tuple(normal(value) for value in result.get_next()))
    return rows


def main(tarn: str, seed: int, graphs: int, queries: int) -> None:
    compared = rows = 0
    for number in range(graphs):
        rng = random.Random(seed * 1000 + number)
        graph = Graph(rng)
        connection = graph.ladybug()
        with tempfile.TemporaryDirectory() as folder:
            work = pathlib.Path(folder)
            (work / "g.pg").write_text(SCHEMA)
            (work / "g.jsonl").write_text(graph.jsonl())
            store = str(work / "g")
            for command in (["init", store, "--schema", str(work / "g.pg")], ["load", store, "--data", str(work / "g.jsonl"), "--mode", "append"]):
                subprocess.run([tarn, *command, "--quiet"], check=True, capture_output=True)
            for _ in range(queries):
                query = Query(rng)
                mine, theirs = tarn_rows(tarn, store, query.gq_text), ladybug_rows(connection, query.cypher)
                if not query.ordered:
                    mine, theirs = sorted(mine, key=repr), sorted(theirs, key=repr)
                if mine != theirs:
                    raise SystemExit(f"answers differ (seed {seed}, graph {number})\n  {query.gq_text}\n  {query.cypher}\n  tarn    {mine}\n  ladybug {theirs}")
                compared += 1
                rows += len(mine)
    print(f"{compared} passed, 0 failed")
    print(f"{rows} rows over {graphs} random graphs agree with ladybug")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]))
