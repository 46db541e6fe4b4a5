"""The reference graph engine, served: its own server over HTTP on the loopback, asked the very queries that Tarn is asked.

TARN_OMNIGRAPH names a folder with its programs `omnigraph` and `omnigraph-server`.
"""
import http.client
import json
import os
import pathlib
import shutil
import subprocess
import threading

from protocol import Peer, fold, serve

QUERIES = pathlib.Path(__file__).resolve().parent.parent / "queries"
CLUSTER = "version: 1\nmetadata: { name: bench }\ngraphs:\n  follows:\n    schema: follows.pg\n"
LISTENING = "OMNIGRAPH_LISTEN_ADDR="


class Omnigraph(Peer):
    server = None

    def run(self, *arguments):
        program = pathlib.Path(os.environ["TARN_OMNIGRAPH"]) / "omnigraph"
        subprocess.run([program, *arguments], check=True, capture_output=True)

    def load(self, data, store):
        folder = pathlib.Path(store)
        folder.mkdir(parents=True)
        (folder / "cluster.yaml").write_text(CLUSTER)
        shutil.copy(f"{data}/follows.pg", folder)
        self.run("cluster", "import", "--config", store)
        self.run("cluster", "apply", "--config", store)
        self.run("load", "--yes", "--data", f"{data}/graph.jsonl", "--mode", "overwrite", f"{store}/graphs/follows.omni")
        facts = json.loads(pathlib.Path(f"{data}/data.json").read_text())
        return facts["persons"] + facts["edges"]

    def open(self, store):
        program = pathlib.Path(os.environ["TARN_OMNIGRAPH"]) / "omnigraph-server"
        self.server = subprocess.Popen([program, "--cluster", store, "--bind", "127.0.0.1:0", "--unauthenticated"],
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ | {"RUST_LOG": "error"})
        line = next(line for line in self.server.stdout if LISTENING in line)
        threading.Thread(target=self.server.stdout.read, daemon=True).start()  # its log would stop it else
        host, port = line.split(LISTENING)[1].split()[0].rsplit(":", 1)
        self.connection = http.client.HTTPConnection(host, int(port))

    def ask(self, operation, key):
        text = (QUERIES / f"{operation}.gq").read_text()
        body = json.dumps({"query": text, "params": {"k": key} if "$k: String" in text else {}})
        self.connection.request("POST", "/graphs/follows/query", body, {"content-type": "application/json"})
        reply = json.loads(self.connection.getresponse().read())
        if "rows" not in reply:
            raise RuntimeError(reply.get("error", reply))
        return fold([[row[column] for column in reply["columns"]] for row in reply["rows"]])

    def __getattr__(self, name):
        operation = name.removeprefix("op_")
        if operation == name or not (QUERIES / f"{operation}.gq").exists():
            raise AttributeError(name)
        return lambda key: self.ask(operation, key)

    def close(self):
        if self.server is not None:
            self.server.terminate()
            self.server.wait()


peer = Omnigraph()
try:
    serve(peer)
finally:
    peer.close()
