"""Records are the same on a busy machine; `make load` compares those of the whole corpus of three sections."""

from pathlib import Path

from autograder.corpus.reader import load_samples
from autograder.course import Course
from benchmarks import corpus, load

SAMPLES = {
    "reference", "correct-loop", "half-done", "mistake-nats", "mistake-follows", "broken-bracket", "broken-endless-loop",
    "broken-endless-sleep", "broken-notebook-magics", "broken-segfault",
}  # fmt: skip


def test_records_are_the_same_beside_six_processes_that_compute_for_ever(course: Course, tmp_path: Path) -> None:
    attempts = load.attempts(course, "1_entropy", tmp_path)
    known = {
        sample.name
        for shelf in corpus.SHELVES
        for sample in load_samples(course, corpus.ROOT / "tests" / "corpus" / shelf)
    }
    chosen = [attempt for attempt in attempts if attempt.student.partition("-")[2] in SAMPLES]
    assert known >= SAMPLES
    assert len(chosen) == len(SAMPLES)

    quiet = load.records(course, chosen)
    with load.busy(6):
        loaded = load.records(course, chosen)

    assert loaded == quiet
