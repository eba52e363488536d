"""Texts that are alike form groups, and nothing that matters for points is lost in one."""

import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.course import Course
from autograder.prose.rules import load_rules
from autograder.prose.suggestion import Reader, digest
from autograder.records.record import Evidence, ProseRecord, Statement, Suggestion
from autograder.review import likeness
from autograder.review.explanations import Explanation
from autograder.review.likeness import grouped

INDEPENDENT = "Knowing X tells you nothing at all about Y, so X and Y are independent of each other."
NEARLY = "Knowing X tells you nothing at all about Y: X and Y are independent of each other!"
OTHER = "The divergence from the joint distribution to the product of its marginals vanishes."


def explanation(
    text: str,
    student: str = "ada",
    *,
    ideas: tuple[str, ...] = ("independence",),
    points: float | None = 1.0,
    elsewhere: tuple[str, ...] = (),
    item: str = "exercise-1-explanation",
) -> Explanation:
    found = Evidence(tuple(Statement(idea, idea, 1.0, ()) for idea in ideas), (), ())
    suggestion = None if points is None else Suggestion(points, 0.9, found)
    prose = ProseRecord(suggestion, found, (), elsewhere, digest("\n\n".join((text, *elsewhere))))
    return Explanation(student, "1_mini", item, "Why", 2.0, text, prose, None)


def texts(entries: list[Explanation]) -> set[frozenset[str]]:
    """Return the texts of each group."""
    return {frozenset(entry.text for entry in group.explanations) for group in grouped(entries)}


@pytest.fixture(params=["meaning", "words"])
def measure(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both measures: with the extra `prose`, and without it."""
    if request.param == "words":
        monkeypatch.setattr("autograder.prose.embeddings.version", lambda: None)
    return str(request.param)


@pytest.mark.usefixtures("measure")
class TestGroups:
    def test_alike_texts_are_together_and_others_apart(self) -> None:
        entries = [explanation(INDEPENDENT), explanation(OTHER, "bob"), explanation(NEARLY, "cy")]

        assert texts(entries) == {frozenset({INDEPENDENT, NEARLY}), frozenset({OTHER})}

    def test_the_same_text_of_several_students_is_one_text(self) -> None:
        (group,) = grouped([explanation(INDEPENDENT, name) for name in ("ada", "bob", "cy")])

        (text,) = group.texts
        assert {entry.student for entry in text.explanations} == {"ada", "bob", "cy"}

    @pytest.mark.parametrize("of_other", [{"ideas": ("independence", "reason")}, {"points": 0.5}, {"points": None}])
    def test_texts_in_which_the_judge_found_something_else_are_apart(self, of_other: dict[str, object]) -> None:
        entries = [explanation(INDEPENDENT), explanation(NEARLY, "bob", **of_other)]  # type: ignore[arg-type]

        assert len(grouped(entries)) == 2

    def test_a_text_with_parts_in_other_cells_stands_alone(self) -> None:
        entries = [
            explanation(INDEPENDENT),
            *(explanation(INDEPENDENT, name, elsewhere=("And more.",)) for name in ("bob", "cy")),
        ]

        assert len(grouped(entries)) == 3

    def test_items_are_apart_and_in_their_order(self) -> None:
        entries = [explanation(INDEPENDENT, item="exercise-2-explanation"), explanation(INDEPENDENT)]

        assert [group.first.item for group in grouped(entries)] == ["exercise-2-explanation", "exercise-1-explanation"]

    @pytest.mark.parametrize("text", ["", "$$$", "?!", "x" * 1_000_000, "𝕏" * 7000])
    def test_any_text_has_a_group(self, text: str) -> None:
        entries = [explanation(text), explanation(INDEPENDENT, "bob"), explanation(f"{text}.", "cy")]

        assert sum(len(group.explanations) for group in grouped(entries)) == 3

    def test_order_does_not_betray_names(self, tmp_path: Path) -> None:
        """Whoever wrote which of the texts, they come in the same order."""
        several = [INDEPENDENT, NEARLY, OTHER, "Nothing.", "One bit.", "It is zero."]
        orders = set()
        for names in itertools.islice(itertools.permutations("abcdef"), 0, 720, 119):
            entries = [explanation(text, name) for text, name in zip(several, names, strict=True)]
            entries.sort(key=lambda entry: entry.student)
            orders.add(tuple(entry.text for group in grouped(entries, tmp_path) for entry in group.explanations))

        assert len(orders) == 1


@pytest.mark.parametrize("measure", ["words"], indirect=True)
@pytest.mark.usefixtures("measure")
def test_a_chain_of_small_changes_does_not_join_its_ends() -> None:
    words = [f"word{number}" for number in range(24)]
    chain = [" ".join(words[start : start + 8]) for start in range(0, 16, 2)]

    groups = grouped([explanation(text, str(place)) for place, text in enumerate(chain)])

    assert len(groups) < len(chain)
    assert all({chain[0], chain[-1]} - {entry.text for entry in group.explanations} for group in groups)


def test_what_the_model_computed_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [explanation(INDEPENDENT), explanation(OTHER, "bob"), explanation(NEARLY, "cy")]
    first = grouped(entries, tmp_path)
    for path in list(tmp_path.iterdir())[:1]:
        path.write_bytes(b"broken")
    assert grouped(entries, tmp_path) == first

    monkeypatch.setattr("autograder.prose.embeddings.vectors", None)

    assert grouped(entries, tmp_path) == first


def test_answers_of_a_group_deserve_about_the_same(course: Course) -> None:
    """The graded answers are the oracle; they were written to differ, so few are alike."""
    section = course.section("5_losses")
    item = section.item("exercise-5-explanation")
    rules = load_rules(course.suites / section.id / f"{item.id}.toml", item)
    reader = Reader(rules, frozenset(range(len(rules.answers))))
    reader.__dict__["second"] = None  # the rules are enough, and quicker
    answers = rules.answers[:35]
    points = {digest(answer.text): answer.points for answer in answers}
    entries = []
    for answer in answers:
        evidence = reader.suggest(answer.text).evidence
        entry = explanation(answer.text, answer.id, points=None)
        found = Evidence.from_json(evidence) if evidence else None
        entries.append(replace(entry, prose=replace(entry.prose, evidence=found)))

    groups = grouped(entries)

    pairs = [
        abs(points[one.prose.answer] - points[other.prose.answer])
        for group in groups
        for one, other in itertools.combinations(group.explanations, 2)
    ]
    assert len(pairs) >= 3
    assert sum(difference <= 0.5 for difference in pairs) / len(pairs) >= 0.9
    assert likeness.BY_WORDS < likeness.BY_MEANING
