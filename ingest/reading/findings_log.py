"""Everything that was found out while one file is read: notes, problems, questions, rows set aside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest.reading.findings import Note, Problem, Question
from pressiometry.errors import InvalidInputError


@dataclass(slots=True)
class Findings:
    """Gathers what is found, in the order in which it is found; all of it is shown at once."""

    answers: Mapping[str, Any]
    notes: list[Note] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    optional_questions: list[Question] = field(default_factory=list)

    def assume(self, code: str, text: str) -> None:
        """Note an assumption."""
        self.notes.append(Note(code, text))

    def warn(self, code: str, text: str, *, line: int | None = None, column: str | None = None) -> None:
        """Note a problem that does not stop the import."""
        self.problems.append(Problem(code, text, line, column))

    def ask(self, question: Question, *, suggested: str) -> str:
        """The answer that was given; without one the question is put and the suggested value is used meanwhile.

        Raises InvalidInputError for an answer that is none of the choices.
        """
        given = self.answers.get(question.code)
        if given is None:
            self.questions.append(question)
            return suggested
        values = [value for value, _ in question.choices]
        if str(given) not in values:
            raise InvalidInputError(
                f"{given!r} is no answer to: {question.text}",
                where=question.code,
                remedy=f"Say one of {', '.join(values)}.",
            )
        return str(given)
