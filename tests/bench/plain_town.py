"""The plain town: Flask and SQLite, one durable transaction a batch, each fact once, no signature and no secret."""

import signal
import sys
import threading
from pathlib import Path

from flask import Flask, Response, jsonify, request

from appliance.assembly.serving import PageServer
from tests.bench.yardstick import connect

TABLE = """CREATE TABLE fact (sequence PRIMARY KEY, uid TEXT NOT NULL UNIQUE, visit_uid, topics, age_band, outcome,
    referred_to, minutes, honest, wall_ms, mono_ms, start, boot, quality, memo)"""

app = Flask(__name__, static_folder=None)
lock = threading.Lock()


@app.get("/healthz")
def healthz() -> Response:
    return jsonify(status="ok")


@app.post("/batches")
def batches() -> Response:
    facts = request.get_json()
    rows = [tuple(fact.values()) for fact in facts]
    with lock:
        database.execute("BEGIN IMMEDIATE")
        database.executemany(f"INSERT OR IGNORE INTO fact VALUES ({', '.join('?' * len(rows[0]))})", rows)  # noqa: S608 # question marks
        database.execute("COMMIT")
    return jsonify(arrived=[fact["sequence"] for fact in facts])


if __name__ == "__main__":
    database = connect(Path(sys.argv[2]))
    database.execute(TABLE)
    PageServer(app, host="127.0.0.1", port=int(sys.argv[1]), threads=32, longest_body=2**24).start()
    signal.pause()
