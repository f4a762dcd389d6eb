"""The yardstick: a Flask route that returns "hello", under the very settings that we serve with."""

import sys

from flask import Flask

from afterword.core import config
from afterword.operate.serve import Place, serve

app = Flask(__name__)


@app.get("/")
def hello() -> str:
    return "hello"


if __name__ == "__main__":
    serve(
        config.read({}),
        Place(host="127.0.0.1", port=int(sys.argv[1])),
        make_app=lambda: app,
        ready=lambda: print("ready", flush=True),
    )
