import sqlite3

import pyarrow.parquet as pq

from protocol import Peer, serve


class Sqlite(Peer):
    """Rows in B-trees behind a write-ahead log that is synced at every commit."""

    def load(self, data, store):
        self.open(store)
        run = self.connection.execute
        run("create table persons(key text primary key, age integer, city text, gender text) without rowid")
        run("create table follows(src text not null references persons, dst text not null references persons, since integer)")
        rows = 0
        self.connection.execute("begin")
        for name, columns in (("persons", ("key", "age", "city", "gender")), ("follows", ("src", "dst", "since"))):
            table = pq.read_table(f"{data}/{name}.parquet", columns=list(columns))
            marks = ", ".join("?" for _ in columns)
            self.connection.executemany(f"insert into {name} values ({marks})", zip(*(table[c].to_pylist() for c in columns)))
            rows += table.num_rows
        run("create index by_src on follows(src)")
        run("create index by_dst on follows(dst)")
        self.connection.execute("commit")
        return rows

    def open(self, store):
        self.connection = sqlite3.connect(store, isolation_level=None)
        self.connection.execute("pragma journal_mode = wal")
        self.connection.execute("pragma synchronous = full")
        self.connection.execute("pragma foreign_keys = on")

    def op_lookup(self, key):
        return self.connection.execute("select age from persons where key = ?", (key,)).fetchone()[0]

    def op_insert_node(self, key):
        return self.connection.execute("insert into persons values (?, 1, 'city0000', 'f')", (key,)).rowcount

    def op_insert_edge(self, key):
        return self.connection.execute("insert into follows values (?, ?, 2026)", (key, key)).rowcount

    def op_update(self, key):
        return self.connection.execute("update persons set age = age + 1 where key = ?", (key,)).rowcount

    def op_delete(self, key):
        run = self.connection.execute
        run("begin")
        gone = run("delete from follows where src = ? or dst = ?", (key, key)).rowcount
        gone += run("delete from persons where key = ?", (key,)).rowcount
        run("commit")
        return gone


serve(Sqlite())
