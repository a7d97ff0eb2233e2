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
    reading=(
        "A file is read first and lands as a whole or not at all. Findings name the rows and what to do; a batch that landed can be withdrawn as a whole.",
        "Columns are recognised by their names and their content; what was guessed is told.",
    ),
)
