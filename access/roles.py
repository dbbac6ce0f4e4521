"""The roles, and the mark by which a view or a callback says which one it needs."""

from collections.abc import Callable
from typing import Any, Literal, TypeVar, get_args

Role = Literal["anyone", "viewer", "operator", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
"""From the least to the most: anyone (no account), viewer (reads), operator (imports, edits), admin."""

_MARK = "required_role"
_Function = TypeVar("_Function", bound=Callable[..., Any])


def requires(role: Role) -> Callable[[_Function], _Function]:
    """Return a decorator that marks a function with the role it needs and returns the function itself.

    >>> @requires("viewer")
    ... def show_cells() -> str:
    ...     return "cells"
    >>> required_role(show_cells)
    'viewer'
    """

    def mark(function: _Function) -> _Function:
        vars(function)[_MARK] = role
        return function

    return mark


def required_role(function: Callable[..., Any] | None) -> Role | None:
    """Return the role that a function was marked with, or None: then nobody may call it."""
    role: Role | None = getattr(function, _MARK, None)
    return role


def may(role: Role, needed: Role | None) -> bool:
    """Return whether a role suffices; what declares no role is denied.

    >>> may("operator", "viewer"), may("viewer", "operator"), may("admin", None)
    (True, False, False)
    """
    return needed is not None and ROLES.index(role) >= ROLES.index(needed)
