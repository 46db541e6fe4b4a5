import duckdb

from protocol import Peer, serve

STEP = "select distinct f.dst as v from {0} s join follows f on f.src = s.v"


class DuckDb(Peer):
    def load(self, data, store):
        self.open(store)
        run = self.connection.execute
        run("create table persons(key varchar primary key, age integer, city varchar, gender varchar)")
        run("create table follows(src varchar, dst varchar, since integer)")
        run(f"insert into persons select * from '{data}/persons.parquet'")
        run(f"insert into follows select * from '{data}/follows.parquet'")
        orphans = run("select count(*) from follows where src not in (select key from persons) or dst not in (select key from persons)")
        assert orphans.fetchone()[0] == 0
        run("checkpoint")
        return run("select (select count(*) from persons) + (select count(*) from follows)").fetchone()[0]

    def open(self, store):
        self.connection = duckdb.connect(store)
        self.connection.execute("set threads = 2")

    def one(self, text, *values):
        return self.connection.execute(text, list(values)).fetchone()[0]

    def op_null(self, _):
        return self.one("select 0")

    def op_lookup(self, key):
        return self.one("select age from persons where key = ?", key)

    def within(self, key, hops):
        steps = ["s0 as (select ?::varchar as v)"]
        steps += [f"s{i} as ({STEP.format(f's{i - 1}')})" for i in range(1, hops + 1)]
        union = " union ".join(f"select v from s{i}" for i in range(1, hops + 1))
        return self.one(f"with {', '.join(steps)} select count(*) from ({union}) where v <> ?", key, key)

    def op_within1(self, key):
        return self.within(key, 1)

    def op_within2(self, key):
        return self.within(key, 2)

    def op_within3(self, key):
        return self.within(key, 3)

    def op_walks2(self, key):
        return self.one("select count(*) from follows a join follows b on b.src = a.dst where a.src = ?", key)

    def op_walks3(self, key):
        return self.one("select count(*) from follows a join follows b on b.src = a.dst join follows c on c.src = b.dst where a.src = ?", key)


serve(DuckDb())
