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
        # One shortest path to each person: quicker than counting the ends of all walks once.
        return self.ask(f"MATCH (a:Person {{key: $k}})-[:Follows* SHORTEST 1..{hops}]->(b:Person) WHERE b.key <> $k "
                        "RETURN count(*)", key).get_next()[0]

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

    def rows(self, text, key=None):
        if text not in self.prepared:
            self.prepared[text] = self.connection.prepare(text)
        return self.connection.execute(self.prepared[text], {} if key is None else {"k": key}).get_all()

    def op_lookup_all(self, key):
        return self.rows("MATCH (p:Person {key: $k}) RETURN p.key, p.age, p.city, p.gender", key)

    def op_page2(self, key):
        return self.rows("MATCH (a:Person {key: $k})-[:Follows* SHORTEST 1..2]->(b:Person) WHERE b.key <> $k "
                         "RETURN b.key AS k, b.age, b.city ORDER BY k LIMIT 100", key)

    def op_within6(self, key):
        return self.within(key, 6)

    def op_most_followed(self, _):
        return self.rows("MATCH (a:Person)-[:Follows]->(b:Person) RETURN b.key AS k, count(a.key) AS n ORDER BY n DESC, k LIMIT 3")

    def op_city_of_most_followed(self, _):
        return self.rows("MATCH (a:Person)-[:Follows]->(b:Person) RETURN b.key AS k, b.city, count(a.key) AS n ORDER BY n DESC, k LIMIT 1")

    def op_youngest_cities(self, _):
        return self.rows("MATCH (p:Person) RETURN p.city AS c, avg(p.age) AS a ORDER BY a, c LIMIT 5")

    def op_ages_by_gender(self, _):
        return self.rows("MATCH (p:Person) WHERE p.age >= 30 AND p.age <= 40 RETURN p.gender AS g, count(*) AS n ORDER BY g")

    def op_followed_by_the_young(self, _):
        return self.rows("MATCH (a:Person)-[:Follows]->(b:Person) WHERE a.age < 25 AND b.gender = 'f' "
                         "RETURN b.city AS c, count(*) AS n ORDER BY n DESC, c LIMIT 10")

    def op_paths2(self, _):
        return self.rows("MATCH (a:Person)-[:Follows]->(b:Person)-[:Follows]->(c:Person) RETURN count(*)")

    def op_paths2_filtered(self, _):
        return self.rows("MATCH (a:Person)-[:Follows]->(b:Person)-[:Follows]->(c:Person) WHERE b.age < 50 AND c.age > 25 RETURN count(*)")

    def op_triangles(self, _):
        return self.rows("MATCH (a:Person)-[:Follows]->(b:Person)-[:Follows]->(c:Person), (a)-[:Follows]->(c) RETURN count(*)")

    def op_triangle_rows(self, _):
        return self.rows("MATCH (a:Person)-[:Follows]->(b:Person)-[:Follows]->(c:Person), (a)-[:Follows]->(c) "
                         "WHERE a.age < 17 AND b.age < 17 RETURN a.key AS x, b.key AS y, c.key AS z ORDER BY x, y, z")

    def op_diamonds(self, key):
        return self.rows("MATCH (a:Person {key: $k})-[:Follows]->(b:Person)-[:Follows]->(d:Person), "
                         "(a)-[:Follows]->(c:Person)-[:Follows]->(d) RETURN count(*)", key)

    def op_cliques4(self, _):
        return self.rows("MATCH (a:Person)-[:Follows]->(b:Person)-[:Follows]->(c:Person)-[:Follows]->(d:Person), "
                         "(a)-[:Follows]->(c), (a)-[:Follows]->(d), (b)-[:Follows]->(d) WHERE a.age < 18 RETURN count(*)")

    def op_insert_node(self, key):
        return self.ask("CREATE (p:Person {key: $k, age: 1, city: 'city0000', gender: 'f'}) RETURN 1", key).get_next()[0]

    def op_insert_edge(self, key):
        return self.ask("MATCH (p:Person {key: $k}) CREATE (p)-[:Follows {since: 2026}]->(p) RETURN 1", key).get_next()[0]

    def op_update(self, key):
        return self.ask("MATCH (p:Person {key: $k}) SET p.age = 7 RETURN 1", key).get_next()[0]

    def op_delete(self, key):
        self.ask("MATCH (p:Person {key: $k}) DETACH DELETE p", key)
        return 2  # its node and the one edge it was given


serve(Ladybug())
