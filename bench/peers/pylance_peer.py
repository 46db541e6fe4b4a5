import lance
import pyarrow as pa
import pyarrow.parquet as pq

from protocol import Peer, serve


class Pylance(Peer):
    """The same storage without checks: what Tarn adds and loses. Writes the same tables, makes no promise about keys."""

    def load(self, data, store):
        rows = 0
        for name in ("persons", "follows"):
            table = pq.read_table(f"{data}/{name}.parquet")
            lance.write_dataset(table, f"{store}-{name}")
            rows += table.num_rows
        return rows

    def open(self, store):
        self.persons = lance.dataset(f"{store}-persons")
        self.follows = lance.dataset(f"{store}-follows")

    def op_lookup(self, key):
        if not self.persons.list_indices():
            self.persons.create_scalar_index("key", "BTREE")
            self.persons = lance.dataset(self.persons.uri)
        return self.persons.to_table(columns=["age"], filter=f"key = '{key}'")["age"][0].as_py()

    def op_scan(self, _):
        return sum(batch.num_rows for batch in self.follows.to_batches(columns=["src", "dst"]))

    def append(self, dataset, row):
        table = pa.Table.from_pylist([row], schema=dataset.schema)
        return lance.write_dataset(table, dataset.uri, mode="append")

    def op_insert_node(self, key):
        self.persons = self.append(self.persons, {"key": key, "age": 1, "city": "city0000", "gender": "f"})
        return 1

    def op_insert_edge(self, key):
        self.follows = self.append(self.follows, {"src": key, "dst": key, "since": 2026})
        return 1

    def op_update(self, key):
        self.persons.update({"age": "7"}, where=f"key = '{key}'")
        return 1

    def op_delete(self, key):
        self.persons.delete(f"key = '{key}'")
        self.follows.delete(f"src = '{key}' or dst = '{key}'")
        return 2


serve(Pylance())
