"""What keeps aid from people or people from aid, where, and how severely?"""

from layers._base import Coarse, Layer, Style
from layers._palette import CONSTRAINT_RULES
from layers._sql import CHANGED, CONSTRAINT_FIELDS, CONSTRAINT_SELECT

LAYER = Layer(
    name="access_constraints",
    title="Constraints on access",
    question="What keeps aid from people or people from aid, where, and how severely?",
    group="Access and reference",
    shape="point",
    subject="access_constraints",
    found=("name",),
    reads=("access_constraint",),
    beneath="category",
    else_told=("constraint on access", "constraints on access"),
    tabled=13,
    geometry="ST_PointOnSurface(c.geom)",
    on=False,
    sql=f"{CONSTRAINT_SELECT} AND ST_PointOnSurface(c.geom) && :box",
    held="constraints on access",
    coarse=Coarse(
        told=("category", "severity", "scale", "reported_on", "period_start", "period_end", "handling"),
        followed={"access_constraint": CHANGED},
    ),
    fields=CONSTRAINT_FIELDS,
    style=Style(by="category", rules=CONSTRAINT_RULES, note="One on an area or a road is drawn at a place in it."),
    warning="No constraint recorded does not mean that there is access.",
)
