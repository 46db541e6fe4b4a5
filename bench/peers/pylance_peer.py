import lance
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


serve(Pylance())
