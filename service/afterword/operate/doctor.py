"""Looks for trouble before a reader finds it, and says how to mend it."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, create_engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from afterword.core import changes, clock, signing
from afterword.core.config import Settings, WrongSetting
from afterword.core.redis import patience
from afterword.identity.models import Moderator
from afterword.jobs.kinds import Failed
from afterword.notify.channels import email
from afterword.operate import backup, follows, migrate, modes, schedule, seen, unusable
from afterword.operate.finding import Finding, Grade
from afterword.operate.seen import Unreachable
from afterword.sites.models import Site
from afterword.threads.models import Comment

# When this was written: no clock that is right says less.
EARLIEST = dt.datetime(2026, 1, 1, tzinfo=clock.UTC)
LITTLE_DISK = 512 * 1024 * 1024
FULL_DISK = 100 * 1024 * 1024
MOST_APART = 5.0  # seconds between two machines' clocks
REDIS_SECONDS = 2.0  # more than readers would wait: a slow one is another trouble than none


def examine(settings: Settings) -> list[Finding]:
    """Everything that can be looked at from here, in the order of an owner's worries."""
    looks: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
        _folder,
        _database,
        follows.look,
        _keys,
        _disk,
        _backups,
        _address,
        _proxy,
        _redis,
        _hosts,
        _mail,
    )
    return [finding for look in looks for finding in look(settings)]


def _folder(settings: Settings) -> Iterator[Finding]:
    if not settings.data.is_dir():
        yield Finding(
            Grade.WRONG, "data folder", f"{settings.data} is not there: run afterword serve once."
        )
        return
    yield from modes.look(settings)
    if not os.access(settings.data, os.W_OK):
        yield Finding(Grade.WRONG, "data folder", f"{settings.data} cannot be written to.")
    else:
        yield Finding(Grade.FINE, "data folder", f"{settings.data} is there and writable.")


def _database(settings: Settings) -> Iterator[Finding]:
    if settings.sqlite_path and not settings.sqlite_path.exists():
        yield Finding(Grade.WRONG, "database", "There is none yet: run afterword serve once.")
        return
    try:
        migrate.check(settings, wholly=True)
        engine = create_engine(settings.database, connect_args=changes.patience(settings.database))
        try:
            with engine.connect() as connection:
                yield from _contents(connection)
        finally:
            engine.dispose()
    except ImportError:
        sentence = "Its client is not installed: pip install 'afterword[postgresql]'."
        yield Finding(Grade.WRONG, "database", sentence)
    except SQLAlchemyError as error:
        said = unusable.database(error, settings.database, setting="AFTERWORD_DATABASE_URL")
        yield Finding(Grade.WRONG, "database", said)
    except migrate.BrokenDatabase as error:
        yield Finding(Grade.WRONG, "database", str(error))


def _contents(connection: Connection) -> Iterator[Finding]:
    at = migrate.current(connection)
    if at is not None and at > migrate.head():  # numbered, so that they sort
        sentence = "It was used by a newer version: install that version, or restore a backup."
        yield Finding(Grade.WRONG, "database", sentence)
        return
    if at != migrate.head():
        missing = len(migrate.pending(connection))
        sentence = (
            f"It is older than this version by {missing} changes: the next afterword serve makes "
            "them, after a copy."
        )
        yield Finding(Grade.LOOK, "database", sentence)
        return
    yield Finding(Grade.FINE, "database", "It opens, is whole and up to date.")
    sites = connection.scalar(select(func.count()).select_from(Site)) or 0
    people = connection.scalar(select(func.count()).select_from(Moderator)) or 0
    yield _count(sites, "sites", "afterword sites add https://your.blog")
    yield _count(people, "moderators", "open the set-up link that afterword serve prints")
    yield _clock(connection.scalar(select(func.max(Comment.created))))
    if connection.dialect.name == "postgresql":
        yield from _other_clock("PostgreSQL", connection.scalar(select(func.now())) or clock.now())


def _clock(newest: dt.datetime | None) -> Finding:
    """Comments from the future, or the year of a machine without battery, show a wrong clock."""
    now = clock.now()
    if now < EARLIEST or (newest is not None and newest > now + dt.timedelta(hours=1)):
        sentence = f"It says {clock.text(now)}"
        if newest is not None and newest > now:
            sentence += f", but there is a comment of {clock.text(newest)}"
        return Finding(Grade.LOOK, "clock", f"{sentence}. Set it, best by NTP.")
    return Finding(Grade.FINE, "clock", f"It says {clock.text(now)}.")


def _count(number: int, of: str, mend: str) -> Finding:
    if number == 0:
        return Finding(Grade.LOOK, of, f"There are none yet: {mend}.")
    return Finding(Grade.FINE, of, f"There are {number}.")


def _keys(settings: Settings) -> Iterator[Finding]:
    if not settings.secret_keys and not (settings.data / signing.KEY_FILE).exists():
        # Looking must change nothing, and ``ring`` would make them.
        sentence = "There are none yet: afterword serve makes them."
        yield Finding(Grade.LOOK, "secret keys", sentence)
        return
    try:
        keys = signing.ring(settings)
    except (WrongSetting, OSError) as error:
        yield Finding(Grade.WRONG, "secret keys", str(error))
        return
    if any(len(set(key)) < 10 for key in keys):
        sentence = "A key is too simple to be secret: make one with openssl rand -hex 32."
        yield Finding(Grade.WRONG, "secret keys", sentence)
    else:
        yield Finding(Grade.FINE, "secret keys", f"There are {len(keys)}, long enough.")


def _disk(settings: Settings) -> Iterator[Finding]:
    if not settings.data.is_dir():
        return
    free = shutil.disk_usage(settings.data).free
    sentence = f"{free // 2**20} MiB are free for {settings.data}"
    needed = schedule.room(settings)
    if free < max(FULL_DISK, needed):
        why = f", and a backup needs {needed // 2**20}" if free < needed else ""
        yield Finding(Grade.WRONG, "disk", f"{sentence}{why}: make room.")
    else:
        grade = Grade.FINE if free > LITTLE_DISK else Grade.LOOK
        yield Finding(grade, "disk", f"{sentence}.")


def _address(settings: Settings) -> Iterator[Finding]:
    if not settings.public_url:
        sentence = "AFTERWORD_PUBLIC_URL is not set: the tag will name http://localhost."
        yield Finding(Grade.LOOK, "public address", sentence)
    elif not settings.public_url.startswith("https://"):
        sentence = f"{settings.public_url} is not https: pages that are will not load the widget."
        yield Finding(Grade.LOOK, "public address", sentence)
    else:
        yield Finding(Grade.FINE, "public address", settings.public_url)
        if not settings.trusted_proxies:
            sentence = (
                "AFTERWORD_TRUSTED_PROXIES is not set: behind a proxy every reader would count as "
                "one. Set it to the proxy's address, e.g. 127.0.0.1"
            )
            yield Finding(Grade.LOOK, "proxies", sentence)


def _proxy(settings: Settings) -> Iterator[Finding]:
    """Ask the service through its public address how it sees us: what a proxy says, and to whom."""
    has_keys = settings.secret_keys or (settings.data / signing.KEY_FILE).exists()
    if not settings.public_url.startswith("https://") or not has_keys:
        return
    try:
        said = seen.ask(settings)
    except Unreachable as why:
        yield Finding(Grade.LOOK, "proxy", f"{settings.public_url} does not answer: {why}.")
        return
    yield _seen(said, settings)


def _seen(said: Mapping[str, Any] | None, settings: Settings) -> Finding:
    name = urlsplit(settings.public_url).hostname
    if said is None:
        sentence = f"Another program answers at {settings.public_url}, or with other secret keys."
        return Finding(Grade.WRONG, "proxy", sentence)
    if said["forwarded"] and not said["trusted"]:
        sentence = (
            f"{said['peer']} sends X-Forwarded-For and is not trusted, so all readers count as "
            f"one. If it is your proxy, set AFTERWORD_TRUSTED_PROXIES={said['peer']}"
        )
        return Finding(Grade.WRONG, "proxy", sentence)
    if not said["forwarded"]:
        sentence = (
            "It sends no X-Forwarded-For, so all readers count as one. docs/proxy.md has files "
            "for nginx, Caddy and Traefik."
        )
        return Finding(Grade.WRONG, "proxy", sentence)
    if urlsplit(f"//{said['host']}").hostname != name:
        sentence = f"It says that it was asked for {said['host']}, and not {name}: pass Host on."
        return Finding(Grade.LOOK, "proxy", sentence)
    sentence = f"The service sees this machine as {said['client']}, through {said['peer']}."
    return Finding(Grade.FINE, "proxy", sentence)


def _redis(settings: Settings) -> Iterator[Finding]:
    if not settings.redis_url:
        return
    try:
        import redis  # an extra, absent where nobody asked for it

        client = redis.Redis.from_url(settings.redis_url, **patience(seconds=REDIS_SECONDS))
        seconds, _ = client.time()
        client.close()
        yield Finding(Grade.FINE, "Redis", "It answers.")
        yield from _other_clock("Redis", dt.datetime.fromtimestamp(seconds, clock.UTC))
    except ImportError:
        sentence = "The client is not installed: pip install 'afterword[redis]'."
        yield Finding(Grade.WRONG, "Redis", sentence)
    except redis.RedisError as error:
        yield Finding(Grade.WRONG, "Redis", unusable.redis(error, settings.redis_url))


def _hosts(settings: Settings) -> Iterator[Finding]:
    """What several hosts have to have in common is not in a folder of one of them."""
    if settings.sqlite_path is None and settings.redis_url and not settings.secret_keys:
        sentence = (
            "AFTERWORD_SECRET_KEYS is not set: each host makes keys of its own, and takes no form "
            "or log-in that another one began. Set the same ones on all."
        )
        yield Finding(Grade.LOOK, "hosts", sentence)


def _backups(settings: Settings) -> Iterator[Finding]:
    if settings.sqlite_path is None or not settings.sqlite_path.exists():
        return
    made = backup.last(settings)
    if made is not None and made > clock.now() - backup.OLD:
        yield Finding(Grade.FINE, "backup", f"The last copy was made at {clock.text(made)}.")
        return
    when = f"The last copy is of {clock.text(made)}" if made else "No copy was ever made"
    mend = (
        "a running service makes one soon"
        if settings.backup_hours
        else "set AFTERWORD_BACKUP_HOURS, or run afterword backup FILE"
    )
    yield Finding(Grade.LOOK, "backup", f"{when}: {mend}.")


def _other_clock(whose: str, says: dt.datetime) -> Iterator[Finding]:
    """Limits and jobs are timed by more than one machine."""
    apart = abs((clock.now() - says).total_seconds())
    if apart > MOST_APART:
        sentence = f"That of {whose} is {apart:.0f} s away from this one. Set both by NTP."
        yield Finding(Grade.LOOK, "clocks", sentence)


def _mail(settings: Settings) -> Iterator[Finding]:
    if settings.smtp_url is None:
        sentence = (
            "AFTERWORD_SMTP_URL is not set: no mail is sent, and no address can be confirmed."
        )
        yield Finding(Grade.LOOK, "mail", sentence)
        return
    server = f"{settings.smtp_url.host}:{settings.smtp_url.port}"
    try:
        email.greet(settings.smtp_url)
    except Failed as fault:
        yield Finding(Grade.WRONG, "mail", f"None goes to {server}. {fault}")
        return
    sentence = f"{server} takes this service. Try a mail: afterword doctor --mail YOU"
    yield Finding(Grade.FINE, "mail", sentence)
