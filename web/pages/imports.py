"""What was in this file, what is wrong with it row by row, and what happened when it landed?"""

from web import Page

PAGE = Page(
    name="imports",
    path="import",
    title="Imports",
    question="What was in this file, what is wrong with it row by row, and what happened when it landed?",
    template="imports.html",
    scripts=("forms/imports.js",),
    styles=("forms/imports.css",),
)
