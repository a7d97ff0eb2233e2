"""Where is land, water, a neighbour, a town?"""

from layers._base import Field, Layer, Rule, Style, Symbol

LAYER = Layer(
    name="basemap",
    title="Base map",
    question="Where is land, water, a neighbour, a town?",
    group="Access and reference",
    shape="polygon",
    subject="basemap",
    found=("name",),
    mixed=True,
    reads=("base_feature",),
    geometry="b.geom",
    fixed=True,
    sql="""
        SELECT b.id, b.class, b.name, b.rank, {geom} AS geom
        FROM facts.base_feature AS b
        WHERE b.geom && :box AND (b.class IN ('land', 'border', 'lake') OR b.rank <= :zoom - 3)
        """,
    fields=(
        Field("class", "Class", drawn=True),
        Field("name", "Name", drawn=True),
        Field("rank", "Rank", "integer", popup=False, drawn=True),
    ),
    style=Style(
        by="class",
        labelled="town",
        rules=(
            Rule("land", "Land", Symbol(fill="#E9E6DF", stroke="#8FA9B6", width=0.8), ground="#E9E6DF"),
            Rule("border", "Border", Symbol(stroke="#6E6A60", width=1)),
            Rule("lake", "Lake", Symbol(fill="#D6E4EA", stroke="#A9C8D7", width=0.6)),
            Rule("river", "River", Symbol(stroke="#A9C8D7", width=1.1)),
            Rule("place", "Town", Symbol(fill="#FFFFFF", stroke="#4A535A", width=1.4, marker="circle", size=6)),
        ),
    ),
)
