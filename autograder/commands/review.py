"""`autograder review`: a person decides on explanations in prose."""

from __future__ import annotations

import argparse
import dataclasses
import re
import sys
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.commands.common import (
    DONE,
    FOUND,
    INTERRUPTED,
    USAGE,
    UsageError,
    add_choice,
    add_gradebook,
    add_results,
    command,
    course_of,
    is_only_sample_graded,
    sample_results,
    say,
    show_rows,
    whole_number,
)
from autograder.course import Course
from autograder.near import did_you_mean
from autograder.records import decisions

if TYPE_CHECKING:
    from autograder.review import dialogue, explanations, likeness, sharing, undoing


def add(commands: Any) -> None:
    """Add the command to the parser."""
    review = command(
        commands,
        "review",
        "decide on explanations in prose that wait for a person",
        {
            "autograder review": "one group of alike texts after the other, with suggestion and evidence",
            "autograder review --section 3_mutual_information --list": "what waits in one section, without asking",
            "autograder review --accept --confidence 0.9": "accept the suggestions that are sure enough",
            "autograder review --undo": "take your last decision back",
            "autograder review --tutors anna,ben --twice 10% --page review.html": "a page for each tutor",
            "autograder review --import decisions-anna.json": "take in what a tutor decided on such a page",
        },
        {FOUND: "an explanation can't be shown, a decision can't be taken in, or there was nothing to take back"},
    )
    add_choice(review, "section", "student")
    review.add_argument(
        "--all", action="store_true", help="also those that were decided; a new decision replaces the old"
    )
    review.add_argument("--names", action="store_true", help="show the names of students, which are hidden otherwise")
    review.add_argument("--conflicts", action="store_true", help="only texts to which tutors gave different points")
    what = review.add_mutually_exclusive_group()
    what.add_argument("--list", action="store_true", help="show what waits, without asking")
    what.add_argument(
        "--accept",
        action="store_true",
        help="accept suggestions of more than 0 points that are sure enough, without asking; the rest still waits",
    )
    what.add_argument(
        "--journal", action="store_true", help="show every decision so far: who, when, and the value before"
    )
    what.add_argument(
        "--undo",
        nargs="?",
        type=_positive,
        const=1,
        metavar="N",
        help="take your last decision back, or the last N; a decision on a group is one",
    )
    what.add_argument("--page", type=Path, metavar="FILE", help="write a page to read and decide on offline")
    what.add_argument(
        "--import",
        dest="files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="take in the decisions that such pages downloaded: all of them, or none if anything is wrong",
    )
    what.add_argument("--export", type=Path, metavar="FILE", help="write what a tutor decided here, for --import")
    what.add_argument(
        "--agreement", action="store_true", help="show how far tutors agree on texts that two of them have read"
    )
    review.add_argument(
        "--skip-refused", action="store_true", help="for --import: take in the rest although some can't be taken in"
    )
    share = review.add_mutually_exclusive_group()
    share.add_argument("--tutor", type=_tutor, metavar="K/N", help="only the share of tutor K among N")
    share.add_argument(
        "--tutors", type=_tutors, metavar="A,B", help="share between these tutors; --by says which, --page writes all"
    )
    review.add_argument(
        "--twice",
        type=_percent,
        default=0.0,
        metavar="P%",
        help="with --tutor or --tutors: give this part of the texts to two tutors (default: 0%%)",
    )
    review.add_argument(
        "--format",
        choices=("table", "json"),
        default="table",
        help="for --list, --journal and --agreement (default: table)",
    )
    review.add_argument(
        "--confidence",
        type=float,
        default=decisions.SURE,
        metavar="C",
        help=f"for --accept: the least confidence, from 0 to 1 (default: {decisions.SURE:g}; it is 1 where the judge's "
        "two readers agree exactly)",
    )
    review.add_argument("--by", metavar="NAME", help="who decides, for the journal (default: the user of this machine)")
    add_gradebook(review)
    add_results(review)
    review.set_defaults(command=_review)


def _review(options: argparse.Namespace) -> int:
    from autograder import gradebook

    the_course = course_of(options)
    for section_id in options.section or ():
        the_course.section(section_id)
    who, share, tutors = _tutor_of(options)
    db_url = options.gradebook or gradebook.chosen_url()
    is_sample = is_only_sample_graded(the_course, db_url)
    output = options.output or (sample_results(the_course) if is_sample else the_course.root)
    if db_url is None and not (output / "gradebook.db").is_file():
        raise UsageError(f"no gradebook in {output}; run `autograder grade` first, or pass --output or --gradebook")
    with gradebook.opened(the_course, output, db_url) as book:
        review = _Review(options, the_course, book, output / "autograded", who, share, tutors)
        return review.run()


class _Review:
    """One run of the command, with the gradebook open."""

    def __init__(
        self,
        options: argparse.Namespace,
        course: Course,
        book: Any,
        autograded: Path,
        who: str,
        share: sharing.Share | None,
        tutors: Sequence[str],
    ) -> None:
        self._options, self._course, self._book, self._autograded = options, course, book, autograded
        self._who, self._share, self._tutors = who, share, tutors
        self._problems = 0
        self._whole: dict[str, explanations.Explanation] = {}

    def run(self) -> int:
        """Do what was asked; return the exit code."""
        from autograder.gradebook import journal

        options = self._options
        if options.journal:
            show_rows(journal.entries(self._book.db), options.format)
            return DONE
        self._require_known_students()
        if options.undo:
            return self._undo(options.undo)
        if options.files:
            return self._import(options.files)
        found = self._found()
        if options.agreement:
            show_rows(_agreements(found, options.format), options.format)
        elif options.export:
            self._export(found, options.export)
        elif options.page:
            self._page(found, options.page)
        elif options.list:
            groups = self._groups(self._chosen(found, self._who, self._share))
            rows = [self._listed(place, entry) for place, group in enumerate(groups, 1) for entry in group.explanations]
            show_rows(rows, options.format)
        else:
            return self._ask(self._chosen(found, self._who, self._share))
        return FOUND if self._problems else DONE

    def _require_known_students(self) -> None:
        from autograder.text import quoted

        known = {student.id for student in self._book.students} if self._options.student else set()
        for student in self._options.student or ():
            if student not in known:
                remedy = did_you_mean(student, known, "the table of `autograder grade` shows who is there")
                raise UsageError(f"no student {quoted(student)} in the gradebook; {remedy}")

    def _found(self, *, quiet: bool = False) -> list[explanations.Explanation]:
        """Return all explanations that can be shown, of the sections and students that were asked for."""
        from autograder.review import explanations

        options = self._options
        found, problems = explanations.explanations(
            self._book, self._course, self._autograded, options.section, options.student
        )
        self._problems = len(problems)
        self._whole = {entry.id: entry for entry in found}
        for problem in () if quiet else problems:
            say(f"autograder: {problem}")
        return found

    def _chosen(
        self, found: Iterable[explanations.Explanation], who: str, share: sharing.Share | None
    ) -> list[explanations.Explanation]:
        """Return what `who` is to decide on; a tutor with a share sees nothing of what others gave."""
        chosen = [entry for entry in found if entry.in_conflict or not self._options.conflicts]
        if share is None:
            return [entry for entry in chosen if entry.waits or self._options.all]
        mine = [entry for entry in chosen if share.holds(entry)]
        if not self._options.all:
            mine = [entry for entry in mine if not entry.is_settled and who not in entry.readings]
        return [dataclasses.replace(entry, readings={}, decision=None) for entry in mine]

    def _groups(self, chosen: Iterable[explanations.Explanation]) -> list[likeness.Group]:
        from autograder.review import likeness

        return likeness.grouped(chosen, self._course.root / ".autograder" / "likeness")

    def _ask(self, chosen: Sequence[explanations.Explanation]) -> int:
        from autograder.review import dialogue
        from autograder.text import count

        options = self._options
        try:
            if options.accept:
                decided = dialogue.accept(chosen, options.confidence, self._decide)
                say(_accepted(chosen, options.confidence))
            else:
                ask = dialogue.Dialogue(sys.stdin, sys.stdout, self._decide, self._take_back, names=options.names).ask
                decided = ask(self._groups(chosen), lambda: self._groups(self._again()))
        except KeyboardInterrupt:
            say("\nautograder: stopped; what was decided is kept")
            return INTERRUPTED
        left = len(chosen) - decided if options.all else len(self._again())
        if not chosen and not decided:
            say("Nothing is waiting.")
        else:
            say(f"{count(decided, 'explanation')} decided by {self._who}, {max(0, left)} left")
        if decided:
            say("Run `autograder grade` to update feedback, table and CSV; nothing is judged again.")
            say("To take the last decision back: `autograder review --undo`.")
        return FOUND if self._problems else DONE

    def _again(self) -> list[explanations.Explanation]:
        """Return what is to be decided now."""
        return self._chosen(self._found(quiet=True), self._who, self._share)

    def _decide(self, made: Sequence[dialogue.Decision]) -> list[str]:
        """Write decisions that were made at once; return what to say about those that are not final."""
        from autograder.gradebook import journal
        from autograder.review import explanations
        from autograder.review.explanations import Given

        given: list[Given] = []
        with journal.deciding(self._who, journal.REVIEW):
            for entry, points, comment in made:
                if self._share is None:
                    explanations.decide(self._book, entry, points, comment, self._who)
                else:
                    needed = len(self._share.readers(entry))
                    entry = self._whole[entry.id]  # with what others gave
                    given.append(explanations.give(self._book, entry, points, comment, self._who, needed))
        self._book.db.commit()
        return [line for line in _counted(given) if not line.startswith(("decided", "as before"))]

    def _take_back(self, actions: int = 1) -> tuple[str, Collection[undoing.Place]]:
        from autograder.review import undoing
        from autograder.text import count

        taken_back = undoing.undo(self._book, self._who, actions)
        self._book.db.commit()
        if not taken_back.actions:
            return f"There is no decision of {self._who} to take back.", ()
        said = f"Taken back: {count(taken_back.actions, 'decision')} on {count(len(taken_back.places), 'explanation')}."
        if kept := len(taken_back.changed_since):
            said += f" {kept} changed since, and stayed as {'it is' if kept == 1 else 'they are'}."
        return said, taken_back.places

    def _undo(self, actions: int) -> int:
        said, places = self._take_back(actions)
        say(said)
        if places:
            say("Run `autograder grade` to update feedback, table and CSV; nothing is judged again.")
        return DONE if places else FOUND

    def _page(self, found: Sequence[explanations.Explanation], path: Path) -> None:
        from autograder import atomic
        from autograder.review import page, sharing
        from autograder.text import count, path_component

        of = len(self._tutors)
        shares = {name: sharing.Share(place, of, self._options.twice) for place, name in enumerate(self._tutors, 1)}
        for name, share in shares.items() or [(self._who, self._share or sharing.ALL)]:
            groups = self._groups(self._chosen(found, name, share))
            text = page.page(self._course, groups, name, share, names=self._options.names)
            to = path.with_name(f"{path.stem}-{path_component(name)}{path.suffix}") if shares else path
            atomic.write(to, text.encode("utf-8", "replace"))
            texts = sum(len(group.texts) for group in groups)
            say(f"{to}: {count(texts, 'text')} in {count(len(groups), 'group')}, for {name}")

    def _export(self, found: Sequence[explanations.Explanation], path: Path) -> None:
        from autograder import atomic
        from autograder.review import decisions_file
        from autograder.text import count

        if self._share is None:
            raise UsageError("--export needs --tutor or --tutors, with --twice if you used it: whose share is it?")
        mine = [(entry, entry.readings[self._who]) for entry in found if self._who in entry.readings]
        rows = decisions_file.rows_of([(entry, reading.points, reading.comment) for entry, reading in mine])
        text = decisions_file.write(self._course.id, self._who, self._share, rows)
        atomic.write(path, text.encode())
        say(f"{path}: {count(len(rows), 'decision')} of {self._who}")

    def _import(self, paths: Sequence[Path]) -> int:
        """Take in files of decisions, all of them at once."""
        from autograder.gradebook import journal
        from autograder.review import decisions_file, explanations

        files = [decisions_file.read(path, self._course.id) for path in paths]
        problems: list[str] = []
        given = []
        for file in files:
            # Read again for each file: what one tutor gave decides what another's file does.
            taken, wrong = decisions_file.checked(file, self._found(quiet=True))
            problems += wrong
            with journal.deciding(file.by, journal.REVIEW):
                for entry, points, comment in taken:
                    needed = len(file.share.readers(entry))
                    given.append(explanations.give(self._book, entry, points, comment, file.by, needed))
        for problem in problems:
            say(f"autograder: {problem}")
        if problems and not self._options.skip_refused:
            self._book.db.rollback()
            say("autograder: nothing was taken in; correct this, or pass --skip-refused to take in the rest")
            return USAGE
        self._book.db.commit()
        for line in _counted(given):
            say(line)
        if explanations.Given.CONFLICT in given:
            say("Tutors gave different points; one person settles that: `autograder review --conflicts`.")
        if explanations.Given.DECIDED in given:
            say("Run `autograder grade` to update feedback, table and CSV; nothing is judged again.")
        return FOUND if problems else DONE

    def _listed(self, group: int, entry: explanations.Explanation) -> dict[str, Any]:
        named = {"student": entry.student} if self._options.names else {}
        if self._options.format == "json":
            prose = entry.prose.to_json()
            return {
                **named,
                "id": entry.id,
                "group": group,
                **{name: getattr(entry, name) for name in ("section", "item", "title", "max", "text")},
                **{name: prose[name] for name in ("elsewhere", "suggestion", "evidence", "remarks", "answer")},
                "decision": entry.decision and dataclasses.asdict(entry.decision),
                "readings": {tutor: dataclasses.asdict(reading) for tutor, reading in entry.readings.items()},
                "waits": entry.waits,
            }
        text = " ".join(entry.text.split())
        return {
            "group": group,
            **(named or {"id": entry.id}),
            "item": entry.item,
            "suggested": "-" if entry.suggested is None else f"{entry.suggested:g} of {entry.max:g}",
            "decided": "-" if entry.decision is None else f"{entry.decision.points:g}{' (another text)' * entry.waits}",
            "text": text if len(text) <= 60 else f"{text[:59]}…",
        }


def _accepted(chosen: Sequence[explanations.Explanation], confidence: float) -> str:
    """Return what --accept took and left, and why."""
    without = sum(entry.suggested is None for entry in chosen)
    zero = sum(entry.suggested == 0 for entry in chosen)
    taken = sum(entry.suggested_with(confidence) is not None for entry in chosen)
    left = {"without a suggestion": without, "of 0 points": zero, "less sure": len(chosen) - without - zero - taken}
    why = ", ".join(f"{number} {reason}" for reason, number in left.items() if number)
    return (
        f"{taken} taken with a confidence of at least {confidence:g}, {len(chosen) - taken} left"
        f"{f' ({why})' if why else ''}"
    )


def _counted(given: Sequence[explanations.Given]) -> list[str]:
    """Return how many explanations came to what."""
    from autograder.review.explanations import Given

    return [f"{kind}: {given.count(kind)}" for kind in Given if kind in given]


def _agreements(found: Iterable[explanations.Explanation], form: str) -> list[dict[str, Any]]:
    """Return the agreement of tutors, a row for each pair and item."""
    from autograder.review import agreement

    pairs = agreement.agreements(found)
    rows: list[dict[str, Any]] = [
        {
            "tutors": ", ".join(entry.tutors), "item": entry.item or "all", "texts": entry.texts, "same": entry.same,
            "kappa": entry.kappa,
        }
        for entry in pairs
    ]  # fmt: skip
    for item, kappa in agreement.mean_kappa(pairs).items():
        rows.append({"tutors": "mean of pairs", "item": item or "all", "texts": None, "same": None, "kappa": kappa})
    if not rows:
        say("No text was read by two tutors; pass --twice when you share the class between them.")
    elif any(entry.texts < agreement.FEW for entry in pairs):
        say(f"A kappa from fewer than {agreement.FEW} texts says little: a single text can change it by 0.1 and more.")
    if any(entry.kappa is None for entry in pairs):
        say("Without a kappa: both gave the same points to every text, so chance can't be told from agreement.")
    if form == "json":
        return rows
    return [{**row, "kappa": None if row["kappa"] is None else f"{row['kappa']:.2f}"} for row in rows]


def _tutor_of(options: argparse.Namespace) -> tuple[str, sharing.Share | None, Sequence[str]]:
    """Return who decides, their share if the class is shared, and the names of all tutors if they were given."""
    from autograder.gradebook import journal
    from autograder.review.sharing import Share

    if options.skip_refused and not options.files:
        raise UsageError("--skip-refused is for --import")
    if options.tutor:
        place, of = options.tutor
        return options.by or f"tutor {place} of {of}", Share(place, of, options.twice), ()
    if options.twice and not options.tutors:
        raise UsageError("--twice needs --tutor or --tutors: a text can be given twice only if there are two tutors")
    if options.tutors and not options.page:
        if options.by not in options.tutors:
            raise UsageError(
                f"--tutors needs --by with one of {', '.join(options.tutors)}, or --page to write all pages"
            )
        return options.by, Share(options.tutors.index(options.by) + 1, len(options.tutors), options.twice), ()
    return options.by or journal.user(), None, options.tutors or ()


def _tutor(text: str) -> tuple[int, int]:
    from autograder.review.sharing import MOST

    found = re.fullmatch(r"([0-9]{1,3})/([0-9]{1,3})", text)
    place, of = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= place <= of <= MOST:
        raise argparse.ArgumentTypeError(f"K/N is needed, as 2/3 for the second of three tutors; got `{text}`")
    return place, of


def _tutors(text: str) -> list[str]:
    from autograder.review.sharing import MOST

    names = [name.strip() for name in text.split(",")]
    if not all(names) or len(set(names)) < len(names) or not 2 <= len(names) <= MOST or max(map(len, names)) > 100:
        raise argparse.ArgumentTypeError(f"different names are needed, as anna,ben; got `{text}`")
    return names


def _percent(text: str) -> float:
    try:
        part = float(text.removesuffix("%")) / 100
    except ValueError:
        part = -1
    if not 0 <= part <= 1:
        raise argparse.ArgumentTypeError(f"a part such as 10% is needed, from 0% to 100%; got `{text}`")
    return part


def _positive(text: str) -> int:
    return whole_number(text, 1)
