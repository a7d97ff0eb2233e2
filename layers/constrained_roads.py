"""On which roads and ways is there a constraint on access, and how severe is it?"""

from layers._base import Layer, Rule, Style
from layers._palette import SEVERITY_LABELS, constrained_road
from layers._sql import CONSTRAINT_FIELDS, CONSTRAINT_SELECT

LAYER = Layer(
    name="constrained_roads",
    title="Roads with a constraint",
    question="On which roads and ways is there a constraint on access, and how severe is it?",
    group="Access and reference",
    shape="line",
    subject="access_constraints",
    found=("name",),
    reads=("access_constraint",),
    beneath="category",
    tabled=12,
    geometry="c.geom",
    on=False,
    sql=f"{CONSTRAINT_SELECT} AND ST_Dimension(c.geom) = 1",
    fields=CONSTRAINT_FIELDS,
    style=Style(
        by="severity",
        graded=True,
        opacity=0.55,
        note="The wider, the more severe.",
        rules=tuple(Rule(level, label, constrained_road(level)) for level, label in enumerate(SEVERITY_LABELS)),
    ),
    warning="No constraint recorded does not mean that there is access.",
)
