"""Sites as the service remembers them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from afterword.core.db import db
from afterword.sites import changes, directory
from afterword.sites.models import Site


@pytest.mark.usefixtures("context")
def test_a_site_that_is_gone_is_said_to_be_missing_by_its_number(site):
    changes.remove(site.id)
    with pytest.raises(KeyError, match=str(site.id)):
        directory.by_id(site.id)


def test_what_was_read_before_a_change_is_not_kept_after_it(app, context, site, monkeypatch):
    known = directory._known

    def known_before(*read):
        monkeypatch.setattr(directory, "_known", known)
        with app.app_context():  # as another thread does
            changes.choose(site.id, {"policy": "hold-all"})
        return known(*read)

    monkeypatch.setattr(directory, "_known", known_before)
    directory.forget()
    assert directory.by_key(site.key).options.policy != "hold-all"
    db.session.commit()
    assert directory.by_key(site.key).options.policy == "hold-all"


def test_what_an_open_transaction_still_sees_is_not_kept(app, context, site):
    db.session.scalar(select(Site.id))
    with app.app_context():
        changes.choose(site.id, {"policy": "hold-all"})
    directory.forget()  # as if nobody had looked since
    directory.by_key(site.key)
    db.session.commit()
    assert directory.by_key(site.key).options.policy == "hold-all"
