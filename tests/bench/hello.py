"""The yardstick: a Flask route that returns "hello", under gunicorn's gevent worker."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def hello() -> str:
    return "hello"
