"""Everything that was found out while one file is read: notes, problems, questions, rows set aside."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ingest.reading.findings import Answered, Note, Problem, Question

REMEMBERED = "remembered"
"""Key of the answers that were given for earlier files with this header: {code: {"value", "said"}}, "mapping" alike."""

CELL = "cell"
"""Key of what is known of the cell: {"applied_pressure_mpa", "force_area_mm2"}."""


@dataclass(slots=True)
class Findings:
    """Gathers what is found, in the order in which it is found; all of it is shown at once."""

    answers: Mapping[str, Any]
    notes: list[Note] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    optional_questions: list[Question] = field(default_factory=list)
    answered_questions: list[Answered] = field(default_factory=list)

    def assume(self, code: str, text: str) -> None:
        """Note an assumption."""
        self.notes.append(Note(code, text))

    def warn(self, code: str, text: str, *, line: int | None = None, column: str | None = None) -> None:
        """Note a problem that does not stop the import."""
        self.problems.append(Problem(code, text, line, column))

    def ask(self, question: Question, *, suggested: str, against: Collection[str] = ()) -> str:
        """The answer to a question that arises; without one it is put, and the suggested value is used meanwhile.

        `against` are answers that this file's own values contradict: such an answer holds when it was given for this
        file, but is not taken over from an earlier one.  An answer that is none of the choices is asked again.
        """
        if self.is_asked(question.code):
            return suggested
        answer = self._answer(question)
        if answer is None:
            answer = self._remembered_answer(question, against)
        if answer is None:
            self.questions.append(self._with_reminder(question))
            return suggested
        return answer

    def ask_optional(self, question: Question) -> str | None:
        """The answer to a question that may stay open; None where it does."""
        answer = self._answer(question) or self._remembered_answer(question, ())
        if answer is None:
            self.optional_questions.append(question)
        return answer

    def is_asked(self, code: str) -> bool:
        """Whether a question was put and has no answer."""
        return any(question.code == code for question in self.questions)

    @property
    def remembered(self) -> Mapping[str, Any]:
        """Answers given for earlier files with this header."""
        found: Mapping[str, Any] = self.answers.get(REMEMBERED) or {}
        return found

    def _answer(self, question: Question) -> str | None:
        """What was answered for this very file."""
        given = self.answers.get(question.code)
        if given is None or not _fits(question, str(given)):
            return None
        self._note_answer(question, str(given), remembered=False)
        return str(given)

    def _remembered_answer(self, question: Question, against: Collection[str]) -> str | None:
        """What was answered for an earlier file, where it fits this one; it is stated as an assumption."""
        earlier = self.remembered.get(question.code)
        if earlier is None or not _fits(question, str(earlier["value"])) or earlier["value"] in against:
            return None
        answer = str(earlier["value"])
        if self._note_answer(question, answer, remembered=True):
            self.assume("remembered", f"{question.text} As answered {earlier['said']}: {_label(question, answer)}.")
        return answer

    def _note_answer(self, question: Question, answer: str, *, remembered: bool) -> bool:
        """Whether the question was not answered before: one may arise for several columns."""
        if any(answered.question.code == question.code for answered in self.answered_questions):
            return False
        self.answered_questions.append(Answered(question, answer, remembered=remembered))
        return True

    def _with_reminder(self, question: Question) -> Question:
        """The question, with the earlier answer that does not fit this file."""
        earlier = self.remembered.get(question.code)
        if earlier is None:
            return question
        label = _label(question, str(earlier["value"]))
        return replace(question, text=f"{question.text} (Answered {earlier['said']}: {label}. It does not fit here.)")


def _fits(question: Question, answer: str) -> bool:
    """Whether an answer is one of the choices; a question without choices takes any."""
    return not question.choices or answer in [value for value, _ in question.choices]


def _label(question: Question, answer: str) -> str:
    return next((label for value, label in question.choices if value == answer), answer)
