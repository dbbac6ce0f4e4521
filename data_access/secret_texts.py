"""Secrets of links, sessions and tokens: made from 32 random bytes, kept as SHA-256 only."""

import hashlib
import secrets

RANDOM_BYTES = 32


def new_secret() -> str:
    """Return a new secret, 43 characters that an address can hold."""
    return secrets.token_urlsafe(RANDOM_BYTES)


def sha256_of(secret: str) -> str:
    """Return what is kept of a secret; it cannot be guessed from that, for a secret is no password.

    >>> sha256_of("abc")[:8]
    'ba7816bf'
    """
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
