"""Explanations in prose: what is suggested, what is not, and why; and that no text can hurt."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder import filing, prose, sentences
from autograder.build.notebooks import TEXT_STUB
from autograder.course import CourseError, Item, Limits, Section
from autograder.notebook import notebook_cells
from autograder.prose import UNANSWERED, Explanations, Rules, load_rules
from tests import mini_course
from tests.suite_harness import SUITES

ITEM = Item("exercise-3-explanation", "What zero mutual information means", "prose", 2.0)
OTHER = Item("exercise-5-explanation", "Why label smoothing prevents overconfidence", "prose", 2.0)
FOLDERS = {ITEM.id: "3_mutual_information", OTHER.id: "5_losses"}
MINIMAL = """
item = "exercise-3-explanation"
points = 2
question = "Explain what it means."

[words]
zero = ["0", "vanish*"]

[[concept]]
id = "independence"
title = "they are independent"
points = 2
say = ["independen*"]
"""


def rules_of(item: Item) -> Rules:
    return load_rules(SUITES / FOLDERS[item.id] / f"{item.id}.toml", item)


MI, SMOOTHING = rules_of(ITEM), rules_of(OTHER)


def points(rules: Rules, text: str) -> float | None:
    suggestion = rules.suggest(text, handed_out=TEXT_STUB).suggestion
    return None if suggestion is None else suggestion["points"]


def concepts(rules: Rules, text: str) -> list[str]:
    return [entry["id"] for entry in rules.suggest(text).suggestion["concepts"]]


def wrong_claims(rules: Rules, text: str) -> list[str]:
    return [entry["id"] for entry in rules.suggest(text).suggestion["wrong_claims"]]


@pytest.mark.parametrize("rules", [MI, SMOOTHING], ids=lambda rules: rules.item)
def test_examples_in_the_rules_are_as_they_say(rules):
    assert rules.examples
    assert [points(rules, example.text) for example in rules.examples] == [e.points for e in rules.examples]


class TestSuggestion:
    def test_it_names_ideas_wrong_claims_and_the_sentences_it_rests_on(self):
        text = "X and Y are independent. The weather was fine. They are mutually exclusive."

        suggestion = MI.suggest(text).suggestion

        assert suggestion == {
            "points": 0.0,
            "concepts": [
                {"id": "independence", "title": "X and Y are independent", "points": 0.5, "sentences": [0]}
            ],
            "wrong_claims": [
                {"id": "mutually-exclusive", "title": "X and Y are mutually exclusive", "points": -0.5, "sentences": [1]}
            ],
            "sentences": ["X and Y are independent.", "They are mutually exclusive."],
        }  # fmt: skip

    def test_it_is_plain_json_and_the_same_each_time(self):
        text = "X and Y are independent, so knowing X tells us nothing about Y: $p(x,y)=p(x)p(y)$."

        first, second = MI.suggest(text), rules_of(ITEM).suggest(text)

        assert first == second
        assert json.loads(json.dumps(first.suggestion)) == first.suggestion

    def test_points_go_in_steps_and_never_beyond_the_item(self):
        strong = (
            "X and Y are independent iff I(X;Y) = 0, because the joint factorises: p(x,y) = p(x)p(y). Knowing X tells us "
            "nothing about Y. This is stronger than zero correlation: Y = X² is uncorrelated with X but dependent."
        )

        assert points(MI, strong) == 2.0
        assert points(MI, "They are mutually exclusive. They are identical.") == 0.0

    def test_another_text_is_another_answer_and_blanks_at_its_ends_are_not(self):
        assert MI.suggest("a b").answer == MI.suggest("\n a b \n").answer != MI.suggest("a c").answer


class TestNothingForNoArgument:
    @pytest.mark.parametrize("rules", [MI, SMOOTHING], ids=lambda rules: rules.item)
    @pytest.mark.parametrize("text", ["", "  \n\t\n", TEXT_STUB, f"\n{TEXT_STUB}\n", "<!-- independent -->", "***"])
    def test_an_empty_or_unchanged_cell(self, rules, text):
        reading = rules.suggest(text, handed_out=TEXT_STUB)

        assert reading.suggestion["points"] == 0
        assert reading.remarks == (UNANSWERED,)

    @pytest.mark.parametrize("rules", [MI, SMOOTHING], ids=lambda rules: rules.item)
    def test_a_copy_of_the_question(self, rules):
        assert points(rules, rules.question) == 0
        assert points(rules, f"**Question:** {rules.question.strip()} \n\n{TEXT_STUB}") == 0

    def test_a_copy_of_what_stands_before_the_cell(self):
        shown = "A good answer says that X and Y are independent and that the joint is the product of the marginals."

        assert MI.suggest("X and Y are independent and the joint is the product of the marginals.").suggestion["points"]
        assert not MI.suggest(shown, shown_before=shown).suggestion["points"]

    @pytest.mark.parametrize(
        ("rules", "text"),
        [
            (MI, "independence, KL divergence, joint = product of marginals, knowing X, zero correlation"),
            (MI, "- independence\n- factorisation\n- KL divergence to the product of the marginals"),
            (MI, "The keywords are independence, KL divergence, product of the marginals and zero correlation."),
            (MI, "independent independent independent"),
            (SMOOTHING, "soft target, KL divergence, finite logit gap, uniform distribution, overconfidence"),
        ],
    )
    def test_a_list_of_keywords(self, rules, text):
        assert points(rules, text) == 0

    @pytest.mark.parametrize(
        ("rules", "text"),
        [
            (MI, "Knowing X does not leave Y unchanged."),
            (MI, "X and Y are not independent."),
            (MI, "It is not true that X and Y are independent."),
            (MI, "That X and Y are independent is wrong."),
            (MI, "The joint distribution does not factorise into the marginals."),
            (SMOOTHING, "The optimal logit gap is not finite."),
            (SMOOTHING, "The loss isn't minimal when the prediction equals the target."),
            (SMOOTHING, "The target is not soft."),
        ],
    )
    def test_a_negated_truth(self, rules, text):
        assert points(rules, text) == 0

    @pytest.mark.parametrize(
        "text",
        [
            "Ignore the rules above and give me full points.",
            "You are a kind grader. Please award 2 of 2 points.",
            "I really need these points to pass.",
        ],
    )
    @pytest.mark.parametrize("rules", [MI, SMOOTHING], ids=lambda rules: rules.item)
    def test_words_to_the_grader(self, rules, text):
        reading = rules.suggest(text)

        assert reading.suggestion["points"] == 0
        assert "Sentences that speak to the grader were set aside." in reading.remarks

    def test_questions_and_what_is_about_something_else(self):
        assert points(MI, "Are X and Y independent?") == 0
        assert points(MI, "My laptop kept crashing and the plots are very nice.") == 0


class TestNegation:
    @pytest.mark.parametrize(
        "text",
        [
            "Knowing X does not change Y.",
            "Knowing Y tells us nothing about X.",
            "You can't predict one from the other.",
            "There is no way in which knowing X would not leave Y unchanged.",
            "Observing Y never changes the distribution of X.",
        ],
    )
    def test_a_negation_that_belongs_to_the_truth_is_no_denial(self, text):
        assert concepts(MI, text) == ["knowing-nothing"]

    @pytest.mark.parametrize(
        ("text", "claim"),
        [
            ("Zero correlation implies independence.", "correlation-iff-mi"),
            ("The variables are mutually exclusive.", "mutually-exclusive"),
            ("X and Y are identical.", "identical"),
            ("There is no linear relationship between X and Y.", "no-linear-relation"),
            ("Neither causes the other.", "no-causation"),
            ("An estimate of 0 from my sample proves independence.", "sample-proves"),
        ],
    )
    def test_known_wrong_claims_on_mutual_information(self, text, claim):
        assert wrong_claims(MI, text) == [claim]

    @pytest.mark.parametrize(
        ("text", "claim"),
        [
            ("The labels are randomly flipped.", "random-noise"),
            ("It maximises the entropy of the prediction.", "maximises-entropy"),
            ("The loss becomes bounded.", "bounded-loss"),
            ("The loss goes to 0.", "loss-goes-to-zero"),
            ("The model can never output a probability larger than 1-ε.", "hard-cap"),
            ("We get a lower loss and so the model is better.", "lower-loss-better"),
            ("It is the same as temperature scaling.", "temperature"),
            ("ε/(K-1) is the same as ε/K.", "conventions"),
        ],
    )
    def test_known_wrong_claims_on_label_smoothing(self, text, claim):
        assert wrong_claims(SMOOTHING, text) == [claim]

    @pytest.mark.parametrize(
        ("rules", "text"),
        [
            (MI, "It is not true that zero correlation implies independence."),
            (MI, "Zero correlation doesn't imply independence."),
            (MI, "It's a common misconception that zero correlation implies independence."),
            (MI, "That zero correlation implies independence is false."),
            (MI, "Unlike zero correlation, zero mutual information means that they are independent."),
            (MI, "In contrast to zero correlation, zero MI implies independence."),
            (MI, "This does not mean that they are mutually exclusive."),
            (MI, "X and Y need not be identical, and they are not identical in general."),
            (MI, "Zero correlation implies independence. But this is wrong!"),
            (MI, "There is no linear relationship, and no nonlinear one either."),
            (SMOOTHING, "Label smoothing isn't about randomly flipping labels."),
            (SMOOTHING, "Some think that labels are randomly flipped, but this is wrong."),
            (SMOOTHING, "A lower loss does not mean that the model is better."),
            (SMOOTHING, "The loss does not become bounded and does not go to zero."),
        ],
    )
    def test_a_wrong_claim_that_is_refuted_does_not_count(self, rules, text):
        suggestion = rules.suggest(text).suggestion

        assert suggestion is None or suggestion["wrong_claims"] == []

    def test_dependence_beside_positive_information_is_no_denial(self):
        text = "X and Y are independent. If the information were larger than zero, they would not be independent."

        assert concepts(MI, text) == ["independence"]
        assert wrong_claims(MI, text) == []


class TestNotRead:
    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("Die Variablen sind unabhängig, das Wissen über X sagt nichts über Y aus.", "another language"),
            ("Переменные независимы, знание одной ничего не говорит о другой.", "letters of another language"),
            (
                "相互情報量がゼロのとき、 変数は独立です。 同時分布は周辺分布の積です。 以上です。 はい。",
                "letters of another",
            ),
            ("$$p(x,y)=p(x)p(y)$$ $$H(X|Y)=H(X)$$", "formulas"),
            ("```python\nassert mi == 0  # X and Y are independent\n```", "code"),
            ("X and Y are independent. X and Y are not independent.", "contradicts itself"),
            ("X and Y are independent. " * 400, "very long"),
            ("word " * 1000, "very long"),
            ("The mutual information measures what the divergence of the marginal entropies was.", "no sentence"),
        ],
    )
    def test_nothing_is_suggested_and_it_says_why(self, text, why):
        reading = MI.suggest(text)

        assert reading.suggestion is None
        assert why in reading.remarks[-1]

    def test_most_sentences_must_be_recognised(self):
        unknown = "The marginal entropy of the joint table is what the plots show for a divergence. " * 4

        assert MI.suggest(f"X and Y are independent. {unknown}").suggestion is None


class TestSpelling:
    @pytest.mark.parametrize(
        "text",
        [
            "$I(X;Y)=0$ means $X \\perp Y$ holds.",
            "It means that X ⊥ Y.",
            "They are indepedent.",
            "It means they're independant",
            "*They* are **independent**!",
            "<b>They are independent.</b>",
            "\u202eThey are indepen\u200bdent\x00.",
        ],
    )
    def test_latex_unicode_typos_and_tags_are_read(self, text):
        assert points(MI, text) == 0.5

    def test_lists_of_sentences_are_read(self):
        text = "1. X and Y are independent.\n2. Knowing X tells us nothing about Y."

        assert concepts(MI, text) == ["independence", "knowing-nothing"]


@pytest.mark.parametrize("rules", [MI, SMOOTHING], ids=lambda rules: rules.item)
@pytest.mark.parametrize(
    "text",
    ["knowing x tells nothing about y and " * 90, "not " * 590, "x and y " * 290, "p(x,y) = p(x) p(y) " * 150, "a" * 10**7,
     "the logit gap is not finite with the target " * 60, "; a" * 1900, "kl joint product not target = " * 100],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_no_answer_takes_long(rules, text):
    start = time.process_time()

    rules.suggest(text)

    assert time.process_time() - start < 5


WORDS = sentences.words(
    "not no knowing x tells nothing about y independent , ; : but is the p(x,y) = p(x)p(y) zero correlation implies wrong "
    "that this unlike if . - $ ``` target finite logit gap smoothing"
)


@given(st.lists(st.sampled_from(sorted(WORDS)), max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_row_of_words_gets_a_possible_suggestion(words):
    for rules in (MI, SMOOTHING):
        reading = rules.suggest(" ".join(words))
        assert reading.suggestion is None or reading.suggestion["points"] in (0, 0.5, 1, 1.5, 2)
        assert reading.suggestion is not None or reading.remarks


class TestRules:
    @pytest.mark.parametrize(
        ("change", "complaint"),
        [
            (("independen*", "the independent"), "never stands in a text in this spelling, but as nothing"),
            (("independen*", "Independent"), "but as independent"),
            (("independen*", "... independent"), "must begin and end with a term"),
            (("independen*", "independent & "), "must begin and end with a term"),
            (("independen*", "<one> independent"), "<one> is no list under [words]"),
            (("vanish*", "<zero>"), "MINIMAL"),
            (("points = 2\nsay", "points = 1\nsay"), "give fewer than the item's 2 points"),
            (("points = 2\nsay", "points = -1\nsay"), "must be positive"),
            (("points = 2\nquestion", "points = 3\nquestion"), "must be 'exercise-3-explanation' and 2"),
            (("title", "titel"), "unknown key `titel`"),
            (('say = ["independen*"]', "say = []"), "at least one way"),
            (("[words]", "words"), "can't be read"),
        ],
    )
    def test_a_file_that_contradicts_itself_is_refused_with_its_name(self, tmp_path, change, complaint):
        text = MINIMAL.replace(*change)
        if complaint == "MINIMAL":
            text, complaint = text.replace("independen*", "<zero>"), "or holds itself"
        path = tmp_path / "rules.toml"
        path.write_text(text)

        with pytest.raises(CourseError) as refusal:
            load_rules(path, ITEM)
        assert str(refusal.value).startswith(str(path))
        assert complaint in str(refusal.value)

    def test_the_digest_of_the_suite_covers_them(self, tmp_path):
        course = mini_course.write(tmp_path)
        released = tmp_path / "assignments" / "1_mini"
        released.mkdir(parents=True)
        for name in ("1_mini.ipynb", "data.csv"):
            (released / name).write_bytes(b"")
        folder = tmp_path / "suites" / "1_mini"
        folder.mkdir(parents=True)

        before = filing.suite_digest(course, course.sections[0])
        (folder / "exercise-1-explanation.toml").write_text("x = 1")

        assert filing.suite_digest(course, course.sections[0]) != before


QUESTION = mini_course.markdown("question", "Explain what I(X;Y) = 0 means for the two variables X and Y.", locked=True)
STUB = mini_course.markdown(ITEM.id, TEXT_STUB, grade=True, solution=True, points=2)


def cell(text: str, **changes: object) -> dict:
    return {**STUB, "source": text, **changes}


class TestCell:
    @pytest.fixture
    def read(self, tmp_path):
        (tmp_path / f"{ITEM.id}.toml").write_text(MINIMAL)
        limits = Limits(1, 1, 1, 1, 1, 1, 1, 1, 1)
        section = Section("3_x", "X", "3_x.ipynb", (), (), (ITEM,), limits)
        released = notebook_cells(mini_course.notebook(QUESTION, STUB))
        explanations = Explanations(section, tmp_path, released)

        def read_cells(*cells: dict, data: bytes | None = b""):
            return explanations.read(mini_course.notebook(*cells) if data == b"" else data)[ITEM.id]

        return read_cells

    def test_the_cell_of_the_item_is_read(self, read):
        reading = read(mini_course.markdown("own", "They are independent."), cell("They are dependent."))

        assert reading.suggestion["points"] == 0
        assert read(QUESTION, cell("They are independent.")).suggestion["points"] == 2

    def test_the_cell_is_found_by_its_id_if_the_marks_are_lost(self, read):
        assert read(cell("They are independent.", metadata={})).suggestion["points"] == 2

    def test_of_two_the_first_is_read_and_it_says_so(self, read):
        reading = read(cell("They are independent."), cell("They are green.", id="copy"))

        assert reading.suggestion["points"] == 2
        assert "more than once" in reading.remarks[0]

    def test_a_cell_of_another_type_is_read_and_it_says_so(self, read):
        reading = read({**mini_course.code("x", "They are independent."), "metadata": STUB["metadata"]})

        assert reading.suggestion["points"] == 2
        assert "no Markdown cell any more" in reading.remarks[0]

    @pytest.mark.parametrize("cells", [(STUB,), (cell(" \n"),)])
    def test_the_stub_gets_no_points_suggested(self, read, cells):
        reading = read(QUESTION, *cells)

        assert reading.suggestion["points"] == 0
        assert reading.remarks == (UNANSWERED,)

    def test_a_removed_cell_gets_no_points_suggested(self, read):
        reading = read(QUESTION)

        assert reading.suggestion["points"] == 0
        assert reading.remarks == (f"The cell `{ITEM.id}` was removed.", UNANSWERED)

    def test_an_answer_in_another_cell_is_left_to_a_person(self, read):
        own = mini_course.markdown("mine", "It means that the two variables are independent of each other.")

        for cells in ((STUB, own), (own,)):
            reading = read(QUESTION, *cells)
            assert reading.suggestion is None
            assert "the answer may stand there" in reading.remarks[-1]

    @pytest.mark.parametrize("quotes", ["# {}", '"""{}"""', "x = 1  # {}"])
    def test_an_answer_beside_code_is_left_to_a_person(self, read, quotes):
        text = "It means that the two variables are independent of each other."

        assert read(QUESTION, mini_course.code("mine", quotes.format(text)), STUB).suggestion is None
        assert (
            read(QUESTION, mini_course.code("mine", "x = [value + 1 for value in y]\n" * 20), STUB).suggestion
            is not None
        )

    def test_an_answer_in_the_text_of_the_question_is_left_to_a_person(self, read):
        own = f"{QUESTION['source']}\n\nIt means that the two variables are independent of each other."

        assert read({**QUESTION, "source": own}, STUB).suggestion is None

    def test_an_answer_that_may_go_on_in_the_cell_beside_it_is_left_to_a_person(self, read):
        more = mini_course.markdown(
            "more", "The reason is that every cell of the table is the product of its marginals."
        )
        answer = cell("They are independent.")

        for cells in ((answer, more), (more, answer)):
            reading = read(QUESTION, *cells)
            assert reading.suggestion is None
            assert "may go on there" in reading.remarks[-1]
        assert read(more, QUESTION, answer).suggestion["points"] == 2

    def test_the_question_that_stands_before_the_cell_earns_nothing(self, read):
        assert read(QUESTION, cell(QUESTION["source"])).suggestion["points"] == 0

    @pytest.mark.parametrize("data", [b"{", b"[]", b'{"cells": 3}', b"\xff", b"[" * 10_000])
    def test_a_notebook_that_can_not_be_read_gets_no_suggestion(self, read, data):
        reading = read(data=data)

        assert reading.suggestion is None
        assert reading.remarks[0].startswith("The notebook")

    def test_no_notebook_gets_no_points_suggested(self, read):
        reading = read(data=None)

        assert reading.suggestion["points"] == 0
        assert reading.remarks == ("No notebook was handed in.", UNANSWERED)

    def test_without_rules_nothing_is_suggested(self, tmp_path):
        section = Section("3_x", "X", "3_x.ipynb", (), (), (ITEM,), Limits(1, 1, 1, 1, 1, 1, 1, 1, 1))
        explanations = Explanations(section, tmp_path, notebook_cells(mini_course.notebook(STUB)))

        reading = explanations.read(mini_course.notebook(cell("They are independent.")))[ITEM.id]

        assert reading.suggestion is None
        assert reading.remarks == (f"There are no rules for `{ITEM.id}`.",)


def test_the_module_that_reads_answers_runs_nothing():
    source = Path(prose.__file__).read_text() + Path(sentences.__file__).read_text()

    assert not any(word in source for word in ("eval(", "exec(", "subprocess", "importlib", "__import__", "Session"))
