"""Which operations are there, what is new in them, how old are their data, and what is due?"""

from web import Page

PAGE = Page(
    name="start",
    path="",
    title="Operations",
    question="Which operations are there, what is new in them, how old are their data, and what is due?",
    template="start.html",
    scripts=("lib/start.js",),
    styles=("lib/start.css",),
)
"""The page before any operation: it is no page of one, and stands beside PAGES."""
