"""The bars of the design: what is required, what was measured, and whether it is met."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """One required ratio or size: `measured` must be at most `limit`, or at least it."""

    name: str
    measured: float
    limit: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the measured figure meets the bar."""
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    def __str__(self) -> str:
        """Return the bar as a line of a list."""
        sign = ">=" if self.at_least else "<="
        return f"{'met   ' if self.met else 'MISSED'}  {self.name}: {self.measured:.2f} ({sign} {self.limit:g})"
