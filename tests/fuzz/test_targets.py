"""The fuzzer's targets hold for its seeds, for what it ever found, and for some noise."""

import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from tests.fuzz import targets
from tests.fuzz.__main__ import FOUND, NAMES


@pytest.fixture(scope="module", autouse=True)
def service():
    with targets.ready():
        yield


def test_every_target_is_fuzzed():
    assert set(NAMES) == targets.TARGETS.keys()


@pytest.mark.parametrize("name", NAMES)
def test_the_seeds_of_a_target_break_no_promise(name):
    seeds = targets.seeds(name)
    assert seeds
    for seed in seeds:
        targets.TARGETS[name](seed)


@pytest.mark.parametrize("name", NAMES)
@bounded(deadline=None, max_examples=40)
@given(content=st.binary(max_size=200))
def test_noise_breaks_no_promise(name, content):
    targets.TARGETS[name](content)


def test_what_was_found_once_is_mended():
    for path in sorted(FOUND.glob("*-*")):
        targets.TARGETS[path.name.partition("-")[0]](path.read_bytes())
