"""Who may: roles, who asks, passwords, the guard that denies what declares none, and the headers of every answer.

A single user on his own machine has every role; on a network people sign in, and programs send tokens.
"""
