import multiprocessing
import os
from dataclasses import replace

import pytest

from autograder.records.record import Header
from autograder.records.store import Store, StoreError, decode, encode
from tests.records import check, item, record

HEADER = Header("1_entropy", "a" * 64, "b" * 64, 1, "0.1.0", ("landlock",))
RECORD = record(item(check("c", "wrong"), full=10), notes=("größer",))


def test_a_record_comes_back_as_it_was(tmp_path):
    store = Store(tmp_path / "new" / "store")
    store.put(HEADER.key, RECORD)

    assert store.get(HEADER.key) == RECORD


def test_what_is_not_there_is_none(tmp_path):
    assert Store(tmp_path).get(HEADER.key) is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff", b'{"status": "not judged"}', b"[" * 100_000])
def test_a_file_that_is_no_record_counts_as_none(tmp_path, content):
    store = Store(tmp_path)
    store.put(HEADER.key, RECORD)
    path = next(tmp_path.rglob("*.json"))
    path.write_bytes(content)

    assert store.get(HEADER.key) is None


@pytest.mark.parametrize(
    "change", [{"section": "x"}, {"attempt": "x"}, {"suite": "x"}, {"seed": 2}, {"grader": "x"}, {"walls": ()}]
)
def test_everything_that_decides_a_record_changes_its_key(change):
    assert Header(**{**HEADER.__dict__, **change}).key != HEADER.key


def test_a_store_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError, match="cannot be written"):
        Store(tmp_path / "file").put(HEADER.key, RECORD)


def test_a_write_that_fails_leaves_the_old_record_and_no_litter(tmp_path, monkeypatch):
    store = Store(tmp_path)
    store.put(HEADER.key, RECORD)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        store.put(HEADER.key, replace(RECORD, notes=()))

    assert store.get(HEADER.key) == RECORD
    assert len(list(tmp_path.rglob("*.*"))) == 1


def put_often(folder, text):
    for _ in range(100):
        Store(folder).put(HEADER.key, replace(RECORD, notes=(text * 1000,)))


def test_readers_never_see_half_a_record(tmp_path):
    put_often(tmp_path, "a")
    writers = [multiprocessing.get_context("fork").Process(target=put_often, args=(tmp_path, text)) for text in "ab"]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        found = Store(tmp_path).get(HEADER.key)
        assert found is not None
        assert set(found.notes[0]) in ({"a"}, {"b"})
    for writer in writers:
        writer.join()


def test_the_byte_form_is_one(tmp_path):
    assert encode(RECORD) == encode(decode(encode(RECORD)))
