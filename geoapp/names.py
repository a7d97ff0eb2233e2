"""When are two names the same? By their letters and figures alone."""

import unicodedata
from functools import lru_cache


@lru_cache(maxsize=20_000)
def plain(text: str) -> str:
    """Lower case, no accents, words in order: how names of columns, codes and actors are compared."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(c if c.isalnum() else " " for c in decomposed if not unicodedata.combining(c))
    return " ".join(kept.split())
