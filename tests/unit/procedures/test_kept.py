"""A kept index searches as the built one does; what is stale, torn or foreign is built anew; builders do not disturb each other."""

import multiprocessing
import os

import numpy as np
import pytest

from bot.procedures import kept
from bot.procedures.search import Entry, Index, Phrase
from tests.patience import WAIT_SECONDS

ENTRIES = [
    Entry("1.000001", "Đăng ký khai sinh", (Phrase("Đăng ký khai sinh", "name"), Phrase("vợ mới sinh con"), Phrase("khai sinh ở nước ngoài", "case")),
          0, curated=True, also_codes=("2.000009",)),
    Entry("1.000002", "Đăng ký khai tử", (Phrase("Đăng ký khai tử", "name"), Phrase("ông nội mới mất")), 1, local=True),
    Entry("1.000003", "Cấp hộ chiếu", (Phrase("Cấp hộ chiếu", "name"),), 2, old=True)]
ASKED = ["vợ mới sinh con thì làm gì", "ong noi moi mat", "hộ chiếu", "2.000009", "giá vàng"]


def refuse():
    raise AssertionError("what is kept must not be read anew")


def answers(index):
    return [index.search(q) for q in ASKED]


def built_in(folder, key="a"):
    return kept.index_of(folder, key, lambda: ENTRIES)


def test_the_kept_index_is_the_built_one(tmp_path):
    built = built_in(tmp_path)
    again = kept.index_of(tmp_path, "a", refuse)
    assert again.entries == built.entries == ENTRIES
    assert answers(again) == answers(built) == answers(Index(ENTRIES))
    assert again.example("1.000001", "con mới sinh") == "vợ mới sinh con"


def test_nothing_is_kept_without_a_folder_nor_an_empty_index(tmp_path):
    assert answers(kept.index_of(None, "a", lambda: ENTRIES)) == answers(Index(ENTRIES))
    assert kept.index_of(tmp_path, "a", list).search("khai sinh").hits == []
    assert list(tmp_path.iterdir()) == []


def test_another_key_is_another_index(tmp_path):
    built_in(tmp_path)
    other = kept.index_of(tmp_path, "b", lambda: ENTRIES[1:])
    assert other.entries == ENTRIES[1:]
    assert len(list(tmp_path.glob("index-*.npz"))) == 2


@pytest.mark.parametrize("harm", [
    lambda whole: b"", lambda whole: whole[:len(whole) // 2], lambda whole: b"PK" + os.urandom(500), lambda whole: whole[:-200] + bytes(200)])
def test_a_broken_file_is_built_anew_and_mended(tmp_path, harm):
    built_in(tmp_path)
    path = tmp_path / "index-a.npz"
    path.write_bytes(harm(path.read_bytes()))
    assert answers(built_in(tmp_path)) == answers(Index(ENTRIES))
    assert kept.index_of(tmp_path, "a", refuse).entries == ENTRIES


def test_a_file_with_objects_in_it_is_not_unpickled(tmp_path):
    np.savez(tmp_path / "index-a.npz", entries=np.array([print], dtype=object))
    assert kept.load(tmp_path / "index-a.npz") is None


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert answers(built_in(tmp_path / "file")) == answers(Index(ENTRIES))


def test_the_ones_used_last_stay(tmp_path):
    for number in range(kept.MOST_KEPT):
        built_in(tmp_path, f"k{number}")
        os.utime(tmp_path / f"index-k{number}.npz", (1000 + number, 1000 + number))
    kept.index_of(tmp_path, "k0", refuse)
    built_in(tmp_path, "new")
    names = {p.name for p in tmp_path.iterdir()}
    assert len(names) == kept.MOST_KEPT
    assert {"index-k0.npz", "index-new.npz"} <= names
    assert "index-k1.npz" not in names


def test_several_may_build_the_same_at_once(tmp_path):
    context = multiprocessing.get_context("fork")
    builders = [context.Process(target=built_in, args=(tmp_path,)) for _ in range(3)]
    for one in builders:
        one.start()
    for one in builders:
        one.join(WAIT_SECONDS)
    assert [b.exitcode for b in builders] == [0, 0, 0]
    assert [p.name for p in tmp_path.iterdir()] == ["index-a.npz"]
    assert kept.index_of(tmp_path, "a", refuse).entries == ENTRIES


def test_keys_tell_parts_and_their_order_apart():
    keys = {kept.key_of(parts) for parts in ([], [b""], [b"a", b"b"], [b"b", b"a"], [b"ab"], [b"a", b"b", b""])}
    assert len(keys) == 6
    assert kept.key_of(iter([b"a", b"b"])) in keys
