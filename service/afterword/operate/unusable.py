"""Why a server cannot be used, in the words of its client, and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError, SQLAlchemyError

FAULTS = (OperationalError, ProgrammingError)
Mends = Sequence[tuple[str, str]]  # what is said, and the mend: the first that fits

# Servers may be set to another language, and are then answered by the last.
_OF_POSTGRESQL: Mends = (
    ("authentication failed", "Correct the user or the password in {setting}."),
    ("no password", "Write the password into {setting}."),
    ("does not exist", "Make it (createuser, createdb), or correct {setting}."),
    ("pg_hba.conf", "Let this machine in by the server's pg_hba.conf."),
    ("resolve host", "Correct the host in {setting}."),
    ("", "Start it, or correct host and port in {setting}."),
)
_OF_REDIS: Mends = (
    ("Authentication required", "Write the password into {setting}."),
    ("HELLO AUTH", "Write the password into {setting}."),  # the same in newer clients' protocol
    ("password", "Correct the user or the password in {setting}."),
    ("DB index", "Correct the number of the database in {setting}."),
    ("", "Start it, or correct host and port in {setting}."),
)


def database(error: SQLAlchemyError, address: str, *, setting: str) -> str:
    """Of PostgreSQL, or of SQLite, which has no server."""
    if isinstance(error, DBAPIError):
        said = _line(error.orig, without=make_url(address).password)
    else:  # SQLAlchemy's own words, which may quote the address
        said = type(error).__name__
    if address.startswith("sqlite:"):
        return f"It cannot be used: {said}."
    return f"It cannot be used: {said}. {_mend(said, _OF_POSTGRESQL, setting)}"


def refusal(fault: OperationalError | ProgrammingError) -> str:
    """The database's one of these faults in a sentence for who began some work with it.

    Raises what is a fault of ours.
    """
    if isinstance(fault, ProgrammingError) and fault.statement is not None:
        raise fault  # without a statement it is an option of the address that is none
    return f"The database cannot be used: {str(fault.orig).strip()}."


def redis(error: Exception, address: str) -> str:
    """Of Redis."""
    said = _line(error, without=unquote(urlsplit(address).password or ""))
    return f"It cannot be used: {said}. {_mend(said, _OF_REDIS, 'AFTERWORD_REDIS_URL')}"


def _line(error: BaseException | None, *, without: str | None) -> str:
    """The first line of what a client said, without this password."""
    said = str(error).strip().partition("\n")[0].rstrip(".")
    return said.replace(without, "***") if without else said


def _mend(said: str, mends: Mends, setting: str) -> str:
    return next(mend for words, mend in mends if words in said).format(setting=setting)
