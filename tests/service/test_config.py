"""Settings and options: read once, refused with a sentence that says what to change."""

from __future__ import annotations

import pytest
from sqlalchemy import make_url

from afterword.core import config
from afterword.core.config import WrongSetting
from afterword.sites import options
from afterword.sites.options import Policy, WrongOption


def refusal(**variables: str) -> str:
    with pytest.raises(WrongSetting) as caught:
        config.read({f"AFTERWORD_{name.upper()}": value for name, value in variables.items()})
    return str(caught.value)


def test_without_variables_the_defaults_hold():
    settings = config.read({})
    assert settings.database.startswith("sqlite:////")
    assert settings.database.endswith("/data/afterword.db")
    assert settings.rate_limits
    assert settings.trusted_proxies == ()


def test_an_unknown_name_is_refused_with_the_nearest_one():
    sentence = refusal(publicurl="https://x.example")
    assert sentence == "There is no setting AFTERWORD_PUBLICURL. Did you mean AFTERWORD_PUBLIC_URL?"


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"cache_megabytes": "lots"}, "AFTERWORD_CACHE_MEGABYTES must be a whole number"),
        ({"cache_megabytes": "0"}, "between 1 and 4096"),
        ({"rate_limits": "maybe"}, "AFTERWORD_RATE_LIMITS must be on or off"),
        ({"public_url": "comments.example"}, "AFTERWORD_PUBLIC_URL must be an address like"),
        ({"public_url": "https://x.example/sub/"}, "without a path"),
        ({"database_url": "postgres://h/d"}, "write postgresql+psycopg://"),
        ({"redis_url": "localhost"}, "AFTERWORD_REDIS_URL must start with redis://"),
        ({"redis_url": "redis://cache:x/0"}, "AFTERWORD_REDIS_URL names a port that is no number"),
        ({"trusted_proxies": "10.0.0.0/8 proxy"}, "AFTERWORD_TRUSTED_PROXIES must be networks"),
        ({"secret_keys": "short"}, "at least 32 characters"),
        ({"log_level": "loud"}, "AFTERWORD_LOG_LEVEL must be"),
        ({"post_limit": "a few"}, "AFTERWORD_POST_LIMIT must be"),
    ],
)
def test_a_wrong_value_is_refused_with_what_it_must_be(variables, said):
    assert said in refusal(**variables)


@pytest.mark.parametrize(
    "place", ["", "comments.db", "./c.db", ":memory:", "/c.db?timeout=20", "/srv/my%20blog/c.db"]
)
def test_an_address_of_sqlite_that_may_be_read_as_two_files_is_refused(place):
    sentence = refusal(database_url=f"sqlite:///{place}")
    assert "like sqlite:////var/lib/afterword/comments.db, with four slashes" in sentence


def test_the_file_of_sqlite_is_the_one_that_its_address_names():
    settings = config.read({"AFTERWORD_DATABASE_URL": "sqlite:////srv/my blog/c.db"})
    assert str(settings.sqlite_path) == make_url(settings.database).database == "/srv/my blog/c.db"


@pytest.mark.parametrize("name", ["database_url", "database_replica_url"])
@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("h:port/d", "a port that is no number from 0 to 65535 (in a password write : as %3A"),
        ("h:99999/d", "a port that is no number"),
        ("h:-5/d", "a port that is no number"),
        ("[::1/d", "a port that is no number"),
        ("nter2@h/d", "a host with a space or an @ in it"),
        ("no such/d", "a host with a space or an @ in it"),
        ("h", "names no database: it must be like postgresql+psycopg://user:password@host/name"),
        ("h:5432/", "names no database"),
        ("", "names no database"),
    ],
)
def test_an_address_of_postgresql_that_leads_nowhere_is_refused_without_its_password(
    name, place, said
):
    sentence = refusal(**{name: f"postgresql+psycopg://u:hunter2@{place}"})
    assert said in sentence
    assert sentence.startswith(f"AFTERWORD_{name.upper()} names ")
    assert "nter2" not in sentence


@pytest.mark.parametrize(
    "place",
    [
        "u:p%40ss%2Fword%3A@h:5432/d",
        "u:a long password@h/d",
        "u@/d",
        "/d?host=/run/postgresql",
        "u:p@[::1]:5432/d",
        "u:p@/d?host=one:5432&host=two:5433",
        "?service=comments",
        "u@h?dbname=d",
    ],
)
def test_an_address_of_postgresql_may_be_any_that_its_driver_takes(place):
    address = f"postgresql+psycopg://{place}"
    assert config.read({"AFTERWORD_DATABASE_URL": address}).database == address


def test_a_refusal_never_shows_a_secret():
    assert "hunter2" not in refusal(secret_keys="hunter2")
    assert "hunter2" not in refusal(redis_url="http://user:hunter2@cache")


def test_a_secret_may_come_from_a_file(tmp_path):
    file = tmp_path / "keys"
    file.write_text("k" * 40 + "\n")
    settings = config.read({"AFTERWORD_SECRET_KEYS_FILE": str(file)})
    assert settings.secret_keys == ("k" * 40,)


def test_a_secret_file_that_is_missing_stops_the_start(tmp_path):
    assert "cannot be read" in refusal(secret_keys_file=str(tmp_path / "none"))


def test_every_setting_says_what_it_does():
    for name, _default, help_text in config.table():
        assert name.startswith("AFTERWORD_")
        assert len(help_text) > 15, name


def test_an_option_is_changed_only_when_all_changes_are_right():
    changed = options.change({}, {"policy": "hold-all", "require_email": "on"})
    assert options.of(changed).policy is Policy.HOLD_ALL
    with pytest.raises(WrongOption):
        options.change(changed, {"policy": "publish", "max_length": "9000"})
    assert options.of(changed).policy is Policy.HOLD_ALL


def test_an_option_set_to_its_default_is_not_stored():
    assert options.change({"max_links": 5}, {"max_links": "2"}) == {}


def test_an_unknown_option_is_refused_with_the_nearest_one():
    with pytest.raises(WrongOption, match="Did you mean policy"):
        options.change({}, {"polcy": "publish"})


@pytest.mark.parametrize(
    ("remote", "forwarded", "expected"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"),
        ("::ffff:10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("", "198.51.100.1", ""),
    ],
)
def test_a_client_is_found_behind_trusted_proxies_only(remote, forwarded, expected):
    from afterword.core import addresses

    trusted = config.read({"AFTERWORD_TRUSTED_PROXIES": "10.0.0.0/8"}).trusted_proxies
    assert addresses.client(remote, forwarded, trusted=trusted) == expected


def test_an_ipv6_household_is_one_client():
    from afterword.core import addresses

    one, other = addresses.network("2001:db8:1:2::3"), addresses.network("2001:db8:1:2:ffff::9")
    assert one == other == "2001:db8:1:2::/64"
    assert addresses.network("2001:db8:1:3::3") != one
    assert addresses.network("::ffff:192.0.2.1") == "192.0.2.1"
