"""The service as a plain WSGI application, under the same worker as the yardstick."""

import os

from afterword.app import create_app
from afterword.core import config

app = create_app(config.read(os.environ))
