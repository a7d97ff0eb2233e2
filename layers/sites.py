"""Which clinics, warehouses, schools and other sites are there, and who runs them?"""

from layers._base import Coarse, Field, Layer, Rule, Style
from layers._palette import SITE
from layers._sql import CHANGED, PERIOD

LAYER = Layer(
    name="sites",
    title="Sites",
    question="Which clinics, warehouses, schools and other sites are there, and who runs them?",
    group="Access and reference",
    shape="point",
    subject="sites",
    found=("name", "operator"),
    reads=("site",),
    beneath="facility_type",
    else_told=("site", "sites"),
    tabled=5,
    placing=5,
    geometry="s.geom",
    on=False,
    stands_in="areas_of_operation",
    sql=f"""
        SELECT s.id, s.name, s.facility_type, s.operator, s.status, s.pcode, s.handling::text AS handling,
            {{geom}} AS geom
        FROM facts.site AS s
        WHERE s.geom && :box AND {PERIOD.format("s.valid")}
        """,
    held="sites",
    coarse=Coarse(
        told=("facility_type", "status", "handling"),
        labels={"operator": "NULL"},
        organisations="ARRAY[t.operator]",
        valid="(SELECT s.valid FROM facts.site AS s WHERE s.id = t.id)",
        followed={"site": CHANGED},
    ),
    fields=(
        Field("name", "Site", hxl="#loc+name", drawn=True),
        Field("facility_type", "Function", code="facility_types", hxl="#loc+type"),
        Field("operator", "Run by", hxl="#org+name"),
        Field("status", "Status", hxl="#status", drawn=True),
        Field("pcode", "P-code", hxl="#adm2+code"),
        Field("handling", "Handling", hxl="#meta+handling"),
    ),
    style=Style(rules=(Rule(None, "Site", SITE),), label="name"),
)
