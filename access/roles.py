"""The roles, and the mark by which a view or a callback says which one it needs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args

Role = Literal["anyone", "viewer", "operator", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
"""From the least to the most: anyone (no account), viewer (reads), operator (imports, edits), admin."""

_MARK = "needs"
_Function = TypeVar("_Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Needs:
    """Who may call a function: a role, and beside it an agent's token, or anyone while the wall is public."""

    role: Role
    agent: bool = False
    wall: bool = False


def requires(role: Role, *, agent: bool = False, wall: bool = False) -> Callable[[_Function], _Function]:
    """Return a decorator that marks a function with what it needs and returns the function itself.

    `agent`: an agent's token may call it too, and the function checks the channel.  `wall`: anyone may where the wall
    is public, and the function answers no more than the wall shows.

    >>> @requires("viewer")
    ... def show_cells() -> str:
    ...     return "cells"
    >>> required_role(show_cells)
    'viewer'
    """

    def mark(function: _Function) -> _Function:
        vars(function)[_MARK] = Needs(role, agent, wall)
        return function

    return mark


def needs_of(function: Callable[..., Any] | None) -> Needs | None:
    """Return what a function was marked with, or None: then nobody may call it."""
    needs: Needs | None = getattr(function, _MARK, None)
    return needs


def required_role(function: Callable[..., Any] | None) -> Role | None:
    """Return the role that a function was marked with, or None: then nobody may call it."""
    needs = needs_of(function)
    return None if needs is None else needs.role


def may(role: Role, needed: Role | None) -> bool:
    """Return whether a role suffices; what declares no role is denied.

    >>> may("operator", "viewer"), may("viewer", "operator"), may("admin", None)
    (True, False, False)
    """
    return needed is not None and ROLES.index(role) >= ROLES.index(needed)
