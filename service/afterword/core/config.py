"""Every setting, said once: the docs, ``--help``, the refusal of unknown names read this table.

Settings come from environment variables ``AFTERWORD_<NAME>``; a secret may also come from a file
named by ``AFTERWORD_<NAME>_FILE``. What an owner changes while the service runs (policy, texts)
is not here: it lives in the database, see ``sites/options.py``.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from email.utils import formataddr
from functools import cached_property
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from flask import current_app
from limits import parse_many
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from afterword.core import relay, urls
from afterword.core.errors import BadUrl
from afterword.core.relay import Relay

PREFIX = "AFTERWORD_"
_ENABLED = {"on": True, "true": True, "1": True, "yes": True}
_DISABLED = {"off": False, "false": False, "0": False, "no": False}

_LAST_PORT = 65535
_ESCAPES = "(in a password write : as %3A, / as %2F, @ as %40, a space as %20)"

# With a name before it, the address stands in angle brackets (RFC 5322, 3.4).
_SENDER = re.compile(
    r"(?:(?P<name>[^<>@\"]*)(?P<opened><))?"
    r"(?P<local>[^\s<>@,;\"]+)@(?P<domain>[^\s<>@,;\"]+)(?(opened)>)"
)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class WrongSetting(Exception):
    """A setting that stops the start; its text is the sentence shown to the owner."""


def needs_extra(variable: str, extra: str) -> WrongSetting:
    """What to raise for a setting whose package is not installed."""
    return WrongSetting(f"{PREFIX}{variable} needs an extra: pip install 'afterword[{extra}]'.")


def _setting(
    default: str, help_text: str, read: Callable[[str], Any], *, secret: bool = False
) -> Any:
    return field(metadata={"default": default, "help": help_text, "read": read, "secret": secret})


def _path(value: str) -> Path:
    return Path(value).expanduser()


def _flag(value: str) -> bool:
    known = {**_ENABLED, **_DISABLED}
    try:
        return known[value.strip().lower()]
    except KeyError:
        raise ValueError("must be on or off") from None


def _number(low: int, high: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        try:
            number = int(value)
        except ValueError:
            raise ValueError("must be a whole number") from None
        if not low <= number <= high:
            raise ValueError(f"must lie between {low} and {high}")
        return number

    return read


def _database_url(value: str) -> str:
    value = value.strip()
    if value and not value.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError(
            "must start with sqlite:/// or postgresql+psycopg:// "
            "(the address that you were given may say postgres://: write postgresql+psycopg://)"
        )
    if value.startswith("sqlite:"):
        _refuse_unclear(value)
    else:
        _refuse_unusable(value)
    return value


def _replica_url(value: str) -> str:
    value = value.strip()
    if value and not value.startswith("postgresql+psycopg://"):
        raise ValueError("must start with postgresql+psycopg://")
    _refuse_unusable(value)
    return value


def _refuse_unclear(value: str) -> None:
    """Refuse an address of SQLite in which not everybody who reads it would see the same file."""
    path = value.removeprefix("sqlite:///")
    if not path.startswith("/") or set("?%") & set(path):
        raise ValueError(
            "must name SQLite's file from / on, as it is called, without ? and %: "
            "like sqlite:////var/lib/afterword/comments.db, with four slashes"
        )


def _refuse_unusable(value: str) -> None:
    """Refuse an address of PostgreSQL that names no database or no place.

    Without a name the database of whoever runs the service would be filled. What is wrong is told,
    never shown: a part of a password may have been taken for it.
    """
    if not value:
        return
    try:
        address = make_url(value)
    except (ArgumentError, ValueError):  # of the port, which is read as a number
        raise ValueError(f"names a port that is no number from 0 to 65535 {_ESCAPES}") from None
    if not 0 <= (address.port or 0) <= _LAST_PORT:
        raise ValueError(f"names a port that is no number from 0 to 65535 {_ESCAPES}")
    if re.search(r"[\s@]", address.host or ""):
        raise ValueError(f"names a host with a space or an @ in it {_ESCAPES}")
    if not (address.database or {"dbname", "service"} & set(address.query)):
        raise ValueError(
            "names no database: it must be like postgresql+psycopg://user:password@host/name"
        )


def _redis_url(value: str) -> str:
    value = value.strip()
    if value and not value.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("must start with redis://, rediss:// or unix://")
    try:
        urlsplit(value).port  # noqa: B018 - looks at it
    except ValueError:
        raise ValueError("names a port that is no number from 0 to 65535") from None
    return value


def _public_url(value: str) -> str:
    value = value.strip().rstrip("/")
    if not value:
        return ""
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.path:
        raise ValueError("must be an address like https://comments.example.org, without a path")
    return value


def _networks(value: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part) for part in value.replace(",", " ").split())
    except ValueError as error:
        raise ValueError(f"must be networks like 10.0.0.0/8, 127.0.0.1: {error}") from None


def _hosts(value: str) -> frozenset[str]:
    try:
        origins = [urls.origin(f"http://{part}") for part in value.replace(",", " ").split()]
    except BadUrl:
        raise ValueError("must be hosts like checker:9000 10.0.0.5:8080") from None
    return frozenset(urls.host_of(origin) for origin in origins)


def _keys(value: str) -> tuple[str, ...]:
    keys = tuple(value.replace(",", " ").split())
    if any(len(key) < 32 for key in keys):
        raise ValueError("must hold keys of at least 32 characters, newest first")
    return keys


def _limits(value: str) -> str:
    try:
        parse_many(value)
    except ValueError:
        raise ValueError("must be like 6 per minute; 60 per hour") from None
    return value


def _sender(value: str) -> str:
    if not value.strip():
        return ""
    found = _SENDER.fullmatch(value.strip())
    try:
        urls.host(found["domain"] if found else "")
    except BadUrl:
        found = None
    if found is None or not value.isprintable():
        raise ValueError("must be like comments@blog.example or My blog <comments@blog.example>")
    return formataddr(((found["name"] or "").strip(), f"{found['local']}@{found['domain']}"))


def _token(value: str) -> str:
    if value.strip() and len(value.strip()) < 16:
        raise ValueError("must have at least 16 characters: openssl rand -hex 32")
    return value.strip()


def _dsn(value: str) -> str:
    value = value.strip()
    parts = urlsplit(value)
    if value and not (parts.scheme in {"http", "https"} and parts.username and parts.path[1:]):
        raise ValueError("must be an address like https://key@sentry.example/1")
    return value


def _level(value: str) -> str:
    level = value.strip().upper()
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError("must be debug, info, warning or error")
    return level


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What one running service was told. Made by ``read``; tests use ``read`` with a dict too."""

    data: Path = _setting(
        "./data",
        "Folder for the database, the secret keys and backups. Made with mode 0700.",
        _path,
    )
    database_url: str = _setting(
        "",
        "SQLAlchemy address of the database: sqlite:////… (a file, from / on) or "
        "postgresql+psycopg://… Empty: SQLite in the data folder.",
        _database_url,
        secret=True,
    )
    database_replica_url: str = _setting(
        "",
        "A replica of the PostgreSQL database, postgresql+psycopg://… It answers reads of threads "
        "wherever it is as far as the database itself. Empty: none.",
        _replica_url,
        secret=True,
    )
    redis_url: str = _setting(
        "",
        "Redis, redis://…, rediss://… (TLS) or unix:///… (its socket), for what several processes "
        "share: rate limits, and threads that are ready to send. Empty: kept in this process.",
        _redis_url,
        secret=True,
    )
    public_url: str = _setting(
        "",
        "Address at which browsers reach this service, e.g. https://comments.example.org. "
        "Empty: http://localhost and the port. Links in pages and the tag are made from it, never "
        "from the Host header.",
        _public_url,
    )
    secret_keys: tuple[str, ...] = _setting(
        "",
        "Keys that sign tokens, newest first, separated by commas; older ones still verify. "
        "Empty: made once and kept in the data folder.",
        _keys,
        secret=True,
    )
    trusted_proxies: tuple[Network, ...] = _setting(
        "",
        "Networks of your own proxies, e.g. 127.0.0.1 10.0.0.0/8. Only from them is "
        "X-Forwarded-For believed.",
        _networks,
    )
    hook_hosts: frozenset[str] = _setting(
        "",
        "Hosts at which a site's own checker (hook_url) may be besides on the Internet by https: "
        "on your own network, at any port, by http, e.g. checker:9000 10.0.0.5:8080.",
        _hosts,
    )
    provider_hosts: frozenset[str] = _setting(
        "",
        "Hosts at which an identity provider of yours may be besides on the Internet by https: on "
        "your own network, at any port, by http, e.g. id.intern:8443.",
        _hosts,
    )
    rate_limits: bool = _setting(
        "on", "Limits on posts and log-ins per client. Off only for load tests and scripts.", _flag
    )
    form_checks: bool = _setting(
        "on",
        "Form token, pace, honeypot, burst and duplicate checks, and the challenge. Off only for "
        "load tests and scripts.",
        _flag,
    )
    post_limit: str = _setting(
        "6 per minute; 60 per hour",
        "How many comments one client (IPv4 address, IPv6 /64) may post, and one author.",
        _limits,
    )
    page_limit: str = _setting(
        "60 per minute; 600 per hour",
        "How many comments one page may get from everybody together: a ceiling for floods from "
        "many addresses.",
        _limits,
    )
    site_limit: str = _setting(
        "240 per minute; 2400 per hour",
        "How many comments one site may get from everybody together.",
        _limits,
    )
    smtp_url: Relay | None = _setting(
        "",
        "Mail server, e.g. smtp://user:password@mail.example:587 (STARTTLS) or "
        "smtps://user:password@mail.example (TLS); ?tls=off behind it for one on your own network "
        "that offers neither. Empty: no mail is sent.",
        relay.read,
        secret=True,
    )
    mail_from: str = _setting(
        "",
        "Whom mails come from, e.g. My blog <comments@blog.example>. Empty: afterword@ and the "
        "host of the public address.",
        _sender,
    )
    cache_megabytes: int = _setting(
        "32", "Memory for threads that are ready to send, in MiB.", _number(1, 4096)
    )
    cache_disk_megabytes: int = _setting(
        "256",
        "Space in the data folder for threads that are ready to send, so that a restart forgets "
        "none, in MiB; 0: none. Not used with Redis, which keeps them then.",
        _number(0, 1024 * 1024),
    )
    shared_cache_seconds: int = _setting(
        "10",
        "How long a CDN may keep a thread (s-maxage). With AFTERWORD_STALE_SECONDS this is the "
        "longest time after which a removed comment is gone everywhere.",
        _number(0, 86400),
    )
    stale_seconds: int = _setting(
        "30",
        "How long a CDN may send an old thread while it fetches the new one.",
        _number(0, 86400),
    )
    streams: int = _setting(
        "5000",
        "How many pages may be told of news at once (server-sent events), in a process; 0: none, "
        "they ask from time to time. Each takes about 30 kB and an open file.",
        _number(0, 1_000_000),
    )
    threads: int = _setting("8", "Threads that answer requests in a process.", _number(1, 256))
    backup_hours: int = _setting(
        "24",
        "How often the SQLite database is copied into the folder backups of the data folder, in "
        "hours; 0: never. PostgreSQL has its own tools.",
        _number(0, 24 * 366),
    )
    backup_keep: int = _setting(
        "7", "How many of these copies are kept; the oldest goes first.", _number(1, 10_000)
    )
    log_level: str = _setting("info", "debug, info, warning or error.", _level)
    log_requests: bool = _setting(
        "off",
        "A line in the log for each request: method, route, status, milliseconds and its id; no "
        "address, no query, no text.",
        _flag,
    )
    slow_query_milliseconds: int = _setting(
        "500",
        "Database queries that take longer are logged, without what they asked for; 0: none.",
        _number(0, 3_600_000),
    )
    sentry_dsn: str = _setting(
        "",
        "Where faults are told, in Sentry's protocol: an address like "
        "https://key@sentry.example/1. Needs the extra: pip install 'afterword[sentry]'. "
        "Empty: nobody is told.",
        _dsn,
        secret=True,
    )
    metrics_token: str = _setting(
        "",
        "Who sends this as Authorization: Bearer may read /metrics, in Prometheus' format. Empty: "
        "nothing is counted and there is no such address.",
        _token,
        secret=True,
    )

    @cached_property
    def database(self) -> str:
        """The address of the database in use."""
        return self.database_url or f"sqlite:///{self.data.absolute() / 'afterword.db'}"

    @property
    def most_stale_seconds(self) -> int:
        """How old what readers get may be anywhere: they may have it from a shared cache."""
        return self.shared_cache_seconds + self.stale_seconds

    @cached_property
    def sqlite_path(self) -> Path | None:
        """The file of an SQLite database, None for a server's."""
        prefix = "sqlite:///"
        return (
            Path(self.database.removeprefix(prefix)) if self.database.startswith(prefix) else None
        )


def read(environment: Mapping[str, str]) -> Settings:
    """The settings that these variables say. Raises WrongSetting with one sentence to act on."""
    names = {f.name: f for f in fields(Settings)}
    _refuse_unknown(environment, names)
    return Settings(**{name: _read_one(name, f.metadata, environment) for name, f in names.items()})


def table() -> list[tuple[str, str, str]]:
    """(variable, default, help) of every setting, in the order of the documentation."""
    return [
        (PREFIX + f.name.upper(), f.metadata["default"], f.metadata["help"])
        for f in fields(Settings)
    ]


def current() -> Settings:
    """The settings of the application that runs."""
    return cast(Settings, current_app.extensions["afterword.settings"])


def public_url() -> str:
    """Where the application that runs is reached, without a trailing slash.

    From the settings, never from the Host header of a request.
    """
    return current().public_url or str(current_app.extensions["afterword.address"])


def _refuse_unknown(environment: Mapping[str, str], names: Mapping[str, Any]) -> None:
    known = {PREFIX + name.upper() for name in names}
    known |= {PREFIX + n.upper() + "_FILE" for n, f in names.items() if f.metadata["secret"]}
    for variable in sorted(environment):
        if variable.startswith(PREFIX) and variable not in known:
            near = difflib.get_close_matches(variable, known, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise WrongSetting(f"There is no setting {variable}.{hint}")


def _read_one(name: str, metadata: Mapping[str, Any], environment: Mapping[str, str]) -> Any:
    variable = PREFIX + name.upper()
    value = environment.get(variable, metadata["default"])
    file = environment.get(variable + "_FILE")
    if metadata["secret"] and file:
        try:
            value = Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise WrongSetting(
                f"{variable}_FILE: {file} cannot be read: {error.strerror}."
            ) from None
    try:
        return metadata["read"](value)
    except ValueError as error:
        shown = "" if metadata["secret"] else f" (it is {value!r})"
        raise WrongSetting(f"{variable} {error}{shown}.") from None
