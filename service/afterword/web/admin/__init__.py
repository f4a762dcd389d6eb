"""``/admin``: the desk of those who decide over comments."""
# ruff: noqa: E402, F401 - the modules add their routes to the blueprint, which must be there first

from flask import Blueprint

admin = Blueprint("admin", __name__, url_prefix="/admin")

from afterword.web.admin import (
    access,
    account,
    authors,
    bans,
    comments,
    configuration,
    confirm,
    deliveries,
    export,
    here,
    log,
    look,
    mail,
    merges,
    moderators,
    overview,
    pages,
    passkeys,
    person,
    providers,
    queue,
    removal,
    second_step,
    session,
    setup,
    shown,
    sites,
    stream,
    sweeps,
    tag,
    uploads,
)
