"""Hand over a pack: files of one moment for one room, and a manifest that says what is in them and what is not.

find(name) -> Pack                                  what is declared in `web/packs/`
chosen(pack, layers) -> Pack                        the same with these layers alone
contents(connection, scope, pack) -> Contents       what it holds for a room (`contents`)
preview(connection, scope, pack) -> dict            the same in words, before anything is made
build(engine, scope, pack, path, …) -> manifest     make it (`build`), part by part (`makers`), each looked at (`neutral`)
"""

from geoapp.export.pack.build import build, rules_mark, sha256
from geoapp.export.pack.contents import Contents, chosen, contents, file_name, find, preview
from geoapp.export.pack.neutral import overrides_of

__all__ = [
    "Contents",
    "build",
    "chosen",
    "contents",
    "file_name",
    "find",
    "overrides_of",
    "preview",
    "rules_mark",
    "sha256",
]
