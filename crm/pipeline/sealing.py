"""Secrets of endpoints, sealed with the keys of this installation."""

from functools import lru_cache

from django.conf import settings

from crm.engine.sealing import Sealer


def seal(text: str) -> bytes:
    """As it may stand in the database."""
    return _sealer(_keys()).seal(text)


def unseal(sealed: bytes) -> str:
    """The text again. Raises Unsealable where SECRET_KEY changed and no fallback is set."""
    return _unsealed(_keys(), sealed)


def _keys() -> tuple[str, ...]:
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@lru_cache(maxsize=4)
def _sealer(keys: tuple[str, ...]) -> Sealer:
    return Sealer(keys)


@lru_cache(maxsize=1024)  # every delivery asks for the same few
def _unsealed(keys: tuple[str, ...], sealed: bytes) -> str:
    return _sealer(keys).unseal(sealed)
