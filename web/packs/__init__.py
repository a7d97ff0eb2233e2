"""Which packs can be handed over, in the order of their page?"""

from web.packs import field_team, hct, military_counterpart, public
from web.packs._base import Made, Pack, Part

PACKS: tuple[Pack, ...] = (hct.PACK, field_team.PACK, military_counterpart.PACK, public.PACK)
"""Every pack."""


def get(name: str) -> Pack:
    """The pack of that name; KeyError when there is none."""
    for pack in PACKS:
        if pack.name == name:
            return pack
    raise KeyError(name)


__all__ = ["PACKS", "Made", "Pack", "Part", "get"]
