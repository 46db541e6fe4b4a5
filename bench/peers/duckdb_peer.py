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

    def rows(self, text, *values):
        return self.connection.execute(text, list(values)).fetchall()

    def op_lookup_all(self, key):
        return self.rows("select key, age, city, gender from persons where key = ?", key)

    def op_page2(self, key):
        return self.rows("with s1 as (select dst as v from follows where src = ?), "
                         "s2 as (select f.dst as v from s1 join follows f on f.src = s1.v) "
                         "select p.key, p.age, p.city from persons p where p.key <> ? and p.key in (select v from s1 union select v from s2) "
                         "order by 1 limit 100", key, key)

    def op_within6(self, key):
        return self.within(key, 6)

    def op_most_followed(self, _):
        return self.rows("select dst, count(*) n from follows group by 1 order by n desc, 1 limit 3")

    def op_city_of_most_followed(self, _):
        return self.rows("select f.dst, any_value(p.city), count(*) n from follows f join persons p on p.key = f.dst "
                         "group by 1 order by n desc, 1 limit 1")

    def op_youngest_cities(self, _):
        return self.rows("select city, avg(age) a from persons group by 1 order by a, 1 limit 5")

    def op_ages_by_gender(self, _):
        return self.rows("select gender, count(*) from persons where age between 30 and 40 group by 1 order by 1")

    def op_followed_by_the_young(self, _):
        return self.rows("select b.city, count(*) n from follows f join persons a on a.key = f.src join persons b on b.key = f.dst "
                         "where a.age < 25 and b.gender = 'f' group by 1 order by n desc, 1 limit 10")

    def op_paths2(self, _):
        return self.rows("select count(*) from follows x join follows y on y.src = x.dst")

    def op_paths2_filtered(self, _):
        return self.rows("select count(*) from follows x join persons b on b.key = x.dst join follows y on y.src = x.dst "
                         "join persons c on c.key = y.dst where b.age < 50 and c.age > 25")

    def op_triangles(self, _):
        return self.rows("select count(*) from follows x join follows y on y.src = x.dst join follows z on z.src = x.src and z.dst = y.dst")

    def op_triangle_rows(self, _):
        return self.rows("select x.src, x.dst, y.dst from follows x join follows y on y.src = x.dst "
                         "join follows z on z.src = x.src and z.dst = y.dst join persons a on a.key = x.src "
                         "join persons b on b.key = x.dst where a.age < 17 and b.age < 17 order by 1, 2, 3")

    def op_diamonds(self, key):
        return self.rows("select coalesce(sum(n * n), 0)::bigint from (select y.dst, count(*) n from follows x "
                         "join follows y on y.src = x.dst where x.src = ? group by 1)", key)

    def op_cliques4(self, _):
        return self.rows("select count(*) from follows ab join persons a on a.key = ab.src and a.age < 18 join follows bc on bc.src = ab.dst "
                         "join follows ac on ac.src = ab.src and ac.dst = bc.dst join follows cd on cd.src = bc.dst "
                         "join follows ad on ad.src = ab.src and ad.dst = cd.dst join follows bd on bd.src = ab.dst and bd.dst = cd.dst")

    def op_insert_node(self, key):
        return self.one("insert into persons values (?, 1, 'city0000', 'f')", key)

    def op_insert_edge(self, key):
        return self.one("insert into follows values (?, ?, 2026)", key, key)

    def op_update(self, key):
        return self.one("update persons set age = 7 where key = ?", key)

    def op_delete(self, key):
        self.connection.execute("begin")
        gone = self.one("delete from follows where src = ? or dst = ?", key, key) + self.one("delete from persons where key = ?", key)
        self.connection.execute("commit")
        return gone


serve(DuckDb())
