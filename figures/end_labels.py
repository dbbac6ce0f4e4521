"""Where names stand at the ends of lines, so that they cover neither each other nor the lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

CHARACTER_PX = 6.6
LINE_PX = 15.0
GAP_PX = 9.0


@dataclass(frozen=True, slots=True)
class Label:
    """A text at the end of a line; x and y are pixels from the lower left corner of the plot."""

    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A label with its shift from the end of its line, px: the middle of its left edge."""

    text: str
    shift_x: float
    shift_y: float


Box = tuple[float, float, float, float]

_SHIFTS: tuple[tuple[float, float], ...] = tuple(
    (side, step * LINE_PX) for step in (0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 4.0, -4.0) for side in (1.0, -1.0)
)


def width_of(text: str) -> float:
    """Return about how wide a name is, px: half of it is bold."""
    return len(text) * CHARACTER_PX


def place_labels(
    labels: Sequence[Label], points: Iterable[tuple[float, float]], *, width: float, height: float
) -> list[Placed]:
    """Return each label's shift such that boxes do not overlap and cover few points of lines, px.

    Labels to the right of their point are preferred, then to the left, then higher and lower ones.  Labels that
    have most room (far to the right) are placed last, as they are the easiest to move.

    >>> [placed.shift_y for placed in place_labels([Label("a", 0, 50), Label("b", 0, 52)], [], width=99, height=99)]
    [0.0, 15.0]
    """
    dots = list(points)
    taken: list[Box] = []
    found: dict[int, Placed] = {}
    for index in sorted(range(len(labels)), key=lambda index: labels[index].x):
        label = labels[index]
        long = width_of(label.text)
        choices = []
        for rank, (side, up) in enumerate(_SHIFTS):
            left = GAP_PX if side > 0 else -GAP_PX - long
            box = (label.x + left, label.y + up - LINE_PX / 2, label.x + left + long, label.y + up + LINE_PX / 2)
            choices.append((_cost(box, taken, dots, width, height) + rank, left, up, box))
        _, left, up, box = min(choices)
        taken.append(box)
        found[index] = Placed(label.text, left, up)
    return [found[index] for index in range(len(labels))]


def _cost(box: Box, taken: list[Box], dots: list[tuple[float, float]], width: float, height: float) -> float:
    """Return how bad a place is: another label under it, outside the plot, points of lines under it."""
    left, low, right, high = box
    overlaps = sum(left < other[2] and other[0] < right and low < other[3] and other[1] < high for other in taken)
    outside = (left < 0) + (low < 0) + (right > width) + (high > height)
    covered = sum(left - 3 <= x <= right + 3 and low <= y <= high for x, y in dots)
    return 1000.0 * overlaps + 200.0 * outside + 12.0 * covered
