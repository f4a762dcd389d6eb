"""Secret keys are changed for new ones, and what the older ones signed is believed for a while."""

from __future__ import annotations

import stat

import pytest
from itsdangerous import BadData

from afterword.app import close, create_app
from afterword.core import config, signing
from afterword.core.config import WrongSetting
from tests import running


def signed(settings):
    app = create_app(settings)
    with app.app_context():
        made = signing.tokens("test").dumps("said")
    close(app)
    return made


def believed(settings, made):
    app = create_app(settings)
    try:
        with app.app_context():
            return bool(signing.tokens("test").loads(made) == "said")
    except BadData:
        return False
    finally:
        close(app)


def test_a_new_key_signs_and_nine_older_ones_still_verify(settings):
    first = signed(settings)
    assert signing.rotate(settings, forget=False) == 2
    second = signed(settings)
    assert second != first
    kept = [signing.rotate(settings, forget=False) for _ in range(8)]
    assert kept == [*range(3, 11)]
    assert believed(settings, first)
    assert signing.rotate(settings, forget=False) == 10
    assert not believed(settings, first)
    assert believed(settings, second)


def test_keys_that_leaked_are_forgotten_at_once(settings):
    first = signed(settings)
    assert signing.rotate(settings, forget=True) == 1
    assert not believed(settings, first)


def test_the_file_is_for_its_owner_alone_and_nothing_is_left_beside_it(settings):
    done = running.command(settings.data, "rotate-secret")
    assert (done.returncode, done.stderr) == (0, "")
    kept = settings.data / "secret_keys"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert not [*settings.data.glob(".secret_keys*")]
    assert kept.read_text().split()[0] not in done.stdout


def test_keys_of_the_environment_are_the_owner_s_to_change(tmp_path):
    told = {"AFTERWORD_DATA": str(tmp_path), "AFTERWORD_SECRET_KEYS": "k" * 40}
    with pytest.raises(WrongSetting, match=r"AFTERWORD_SECRET_KEYS.* 30 days"):
        signing.rotate(config.read(told), forget=False)
