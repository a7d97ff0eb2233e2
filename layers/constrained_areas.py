"""Which areas have a constraint on access, and how severe is it?"""

from layers._base import Layer, Rule, Style
from layers._palette import SEVERITY, SEVERITY_LABELS
from layers._sql import CONSTRAINT_FIELDS, CONSTRAINT_SELECT

LAYER = Layer(
    name="constrained_areas",
    title="Areas with a constraint",
    question="Which areas have a constraint on access, and how severe is it?",
    group="Access and reference",
    shape="polygon",
    pieces=True,
    subject="access_constraints",
    found=("name",),
    reads=("access_constraint",),
    beneath="category",
    tabled=11,
    beside="access_constraints",
    geometry="c.geom",
    on=False,
    sql=f"{CONSTRAINT_SELECT} AND ST_Dimension(c.geom) = 2",
    fields=CONSTRAINT_FIELDS,
    style=Style(
        by="severity",
        label="severity",
        labelled="badge",
        graded=True,
        opacity=0.45,
        rules=tuple(Rule(level, label, SEVERITY[level]) for level, label in enumerate(SEVERITY_LABELS)),
    ),
    warning="No constraint recorded does not mean that there is access.",
)
