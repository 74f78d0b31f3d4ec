"""The yardstick's server: Flask with two GETs and nothing else, on the product's own server settings."""

import signal
import sys

from flask import Flask, Response, jsonify

from appliance.assembly.serving import PageServer

app = Flask(__name__, static_folder=None)


@app.get("/healthz")
def healthz() -> Response:
    return jsonify(status="ok")


@app.get("/call")
def call() -> Response:
    """As much JSON as a call."""
    return jsonify(
        id="00000000-0000-4000-8000-000000000000",
        button=1,
        state="raised",
        raised_at="2026-11-20T03:00:00.000000Z",
        waiting_seconds=0,
        attended=False,
    )


if __name__ == "__main__":
    PageServer(app, host="127.0.0.1", port=int(sys.argv[1])).start()
    signal.pause()
