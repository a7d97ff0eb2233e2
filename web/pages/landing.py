"""What is there in this operation, for people and for programs?"""

from web import Page

PAGE = Page(
    name="landing",
    path="",
    title="Landing page",
    question="What is there in this operation, for people and for programs?",
    template="landing.html",
    scripts=(),
    styles=("lib/landing.css",),
    aside=True,
    reading=(
        "Every page of the operation, and below them the doors by which QGIS, GDAL, geopandas and other programs read its layers.",
    ),
)
