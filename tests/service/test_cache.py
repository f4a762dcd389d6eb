"""Ready threads: rendered once, dropped in time, bounded, coherent."""

from __future__ import annotations

import threading

import pytest

from afterword.core import codings
from afterword.core.cache.in_file import FileCache
from afterword.threads.cache import ReadyThreads


class Page:
    """A page whose version and words a test changes."""

    def __init__(self) -> None:
        self.version: tuple[int, ...] | None = (1,)
        self.words = b"first"
        self.asked = self.rendered = 0

    def get(self, cache: ReadyThreads, key: object = "page", encoding: str = "identity") -> bytes:
        return cache.get_or_render(
            key, version=self._version, render=self._render, encoding=encoding
        ).body

    def _version(self) -> tuple[int, ...] | None:
        self.asked += 1
        return self.version

    def _render(self) -> bytes:
        self.rendered += 1
        return self.words


def test_while_nothing_was_committed_nothing_is_asked():
    page, cache = Page(), ReadyThreads(10**6, changes=lambda: 7)
    assert {page.get(cache) for _ in range(5)} == {b"first"}
    assert (page.asked, page.rendered) == (1, 1)


def test_a_commit_elsewhere_costs_one_look_and_no_render():
    commits = iter(range(5))
    page, cache = Page(), ReadyThreads(10**6, changes=lambda: next(commits))
    for _ in range(5):
        page.get(cache)
    assert (page.asked, page.rendered) == (5, 1)


def test_a_changed_page_is_rendered_again():
    page, cache = Page(), ReadyThreads(10**6)
    page.get(cache)
    page.version, page.words = (2,), b"second"
    assert page.get(cache) == b"second"


def test_a_first_comment_replaces_the_empty_thread():
    page, cache = Page(), ReadyThreads(10**6)
    page.version, page.words = None, b"empty"
    assert page.get(cache) == page.get(cache) == b"empty"
    assert page.rendered == 1
    page.version, page.words = (1,), b"first"
    assert page.get(cache) == b"first"


def test_a_page_that_is_gone_is_rendered_once_like_any_empty_one():
    page, cache = Page(), ReadyThreads(10**6)
    page.get(cache)
    page.version, page.words = None, b"empty"
    assert page.get(cache) == page.get(cache) == b"empty"
    assert page.rendered == 2


def test_many_readers_of_a_changed_page_cause_one_render():
    page, cache = Page(), ReadyThreads(10**6)
    inside, go_on = threading.Event(), threading.Event()
    render = page._render

    def slow() -> bytes:
        inside.set()
        go_on.wait(10)
        return render()

    page._render = slow  # type: ignore[method-assign]
    readers = [threading.Thread(target=page.get, args=(cache,)) for _ in range(12)]
    for reader in readers:
        reader.start()
    assert inside.wait(10)
    go_on.set()
    for reader in readers:
        reader.join()
    assert page.rendered == 1


@pytest.mark.parametrize("version", [(1,), None])
def test_a_million_addresses_stay_within_the_bound(version):
    most = 64 * 4096
    page, cache = Page(), ReadyThreads(most)
    page.version, page.words = version, b"x" * 2000
    for number in range(3000):
        page.get(cache, key=number, encoding="br")
    held = cache._threads._bytes + cache._empty._bytes
    assert 0 < held <= most


def test_invented_addresses_push_out_no_thread_that_is_read():
    page, cache = Page(), ReadyThreads(64 * 4096)
    page.get(cache)
    page.version = None
    for number in range(3000):
        page.get(cache, key=number)
    page.version, rendered = (1,), page.rendered
    page.get(cache)
    assert page.rendered == rendered


def test_a_thread_that_is_read_stays_while_others_come_and_go():
    page, cache = Page(), ReadyThreads(10 * 4096)
    page.get(cache, key="hot")
    for number in range(200):
        page.get(cache, key=number)
        rendered = page.rendered
        page.get(cache, key="hot")
        assert page.rendered == rendered


def test_the_bytes_of_a_shelf_add_up():
    page, cache = Page(), ReadyThreads(10 * 4096)
    for number in range(50):
        for encoding in ("br", "gzip", "identity"):
            page.get(cache, key=number % 7, encoding=encoding)
            page.version = (number,)
    shelf = cache._threads
    assert shelf._bytes == sum(entry.counted for entry in shelf._entries.values())
    assert shelf._bytes <= 10 * 4096


def test_a_render_that_fails_leaves_nothing_behind():
    cache = ReadyThreads(10**6)

    def fail() -> bytes:
        raise LookupError

    for number in range(20):
        with pytest.raises(LookupError):
            cache.get_or_render(number, version=lambda: (1,), render=fail, encoding="br")
    assert not cache._renders


@pytest.fixture
def file(tmp_path):
    kept = FileCache(tmp_path / "ready.cache", owner="me", most_bytes=10**7)
    yield kept
    kept.close()


def test_what_outgrew_the_memory_comes_back_without_a_question_to_the_database(file):
    seen = [7]
    page, cache = Page(), ReadyThreads(5000, changes=lambda: seen[0], shared=file)
    bodies = {key: page.get(cache, key, "br") for key in ("one", "two", "three")}
    asked = (page.asked, page.rendered)
    assert cache.fresh("one", "br") is None
    assert cache.is_away("one")
    assert cache.bring_back("one").body == bodies["one"]
    assert cache.fresh("one", "br").body == bodies["one"]
    assert not cache.is_away("one")
    assert (page.asked, page.rendered) == asked


def test_what_outgrew_the_memory_does_not_come_back_after_a_commit(file):
    seen = [7]
    page, cache = Page(), ReadyThreads(5000, changes=lambda: seen[0], shared=file)
    for key in ("one", "two", "three"):
        page.get(cache, key, "br")
    seen[0] = 8
    assert cache.bring_back("one") is None


def test_bytes_that_came_out_differently_elsewhere_are_not_sent_under_the_old_name(file):
    page, cache = Page(), ReadyThreads(5000, changes=lambda: 7, shared=file)
    for key in ("one", "two", "three"):
        page.get(cache, key, "br")
    file.put(("one", (1,)), b"0" * 24 + codings.pack(b"another", "br"))
    assert cache.bring_back("one") is None


def test_what_is_known_of_threads_that_are_away_is_bounded(file, monkeypatch):
    monkeypatch.setattr(ReadyThreads, "MOST_AWAY", 20)
    page, cache = Page(), ReadyThreads(5000, changes=lambda: 7, shared=file)
    for key in range(60):
        page.get(cache, key, "br")
    assert sum(cache.is_away(key) for key in range(60)) == 20
