"""Who may: roles, the guard that denies what declares none, and the headers of every answer.

A single user on his own machine has every role.  The declarations are made now, so that accounts can
come without a search for forgotten doors.
"""
