"""Sites as the service remembers them."""

from __future__ import annotations

import pytest

from afterword.sites import changes, directory


@pytest.mark.usefixtures("context")
def test_a_site_that_is_gone_is_said_to_be_missing_by_its_number(site):
    changes.remove(site.id)
    with pytest.raises(KeyError, match=str(site.id)):
        directory.by_id(site.id)
