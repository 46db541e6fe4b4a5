import ladybug

from protocol import Peer, serve


class Ladybug(Peer):
    def load(self, data, store):
        self.open(store)
        run = self.connection.execute
        run("CREATE NODE TABLE Person(key STRING PRIMARY KEY, age INT32, city STRING, gender STRING)")
        run("CREATE REL TABLE Follows(FROM Person TO Person, since INT32)")
        run(f"COPY Person FROM '{data}/persons.parquet'")
        run(f"COPY Follows FROM '{data}/follows.parquet'")
        persons = run("MATCH (p:Person) RETURN count(*)").get_next()[0]
        return persons + run("MATCH ()-[f:Follows]->() RETURN count(*)").get_next()[0]

    def open(self, store):
        self.database = ladybug.Database(store)
        self.connection = ladybug.Connection(self.database, num_threads=2)
        self.prepared = {}

    def ask(self, text, key):
        if text not in self.prepared:
            self.prepared[text] = self.connection.prepare(text)
        return self.connection.execute(self.prepared[text], {"k": key})

    def op_null(self, _):
        return self.connection.execute("RETURN 0").get_next()[0]

    def op_lookup(self, key):
        return self.ask("MATCH (p:Person {key: $k}) RETURN p.age", key).get_next()[0]

    def within(self, key, hops):
        return self.ask(f"MATCH (a:Person {{key: $k}})-[:Follows*1..{hops}]->(b:Person) WHERE b.key <> $k "
                        "RETURN count(DISTINCT b.key)", key).get_next()[0]

    def op_within1(self, key):
        return self.within(key, 1)

    def op_within2(self, key):
        return self.within(key, 2)

    def op_within3(self, key):
        return self.within(key, 3)

    def op_walks2(self, key):
        return self.ask("MATCH (a:Person {key: $k})-[:Follows]->(b:Person)-[:Follows]->(c:Person) RETURN count(*)", key).get_next()[0]

    def op_walks3(self, key):
        return self.ask("MATCH (a:Person {key: $k})-[:Follows]->(b:Person)-[:Follows]->(c:Person)-[:Follows]->(d:Person) "
                        "RETURN count(*)", key).get_next()[0]


serve(Ladybug())
