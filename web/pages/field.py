"""Which copies of the operation are in the field, and what that they brought waits for a decision?"""

from web import Page

PAGE = Page(
    name="field",
    path="field",
    title="Field copies",
    question="Which copies of the operation are in the field, and what of what they brought waits for a decision?",
    template="field.html",
    scripts=("field/field.js",),
    styles=("register/register.css", "members/members.css", "forms/zone.css", "field/field.css"),
    aside=True,
    reading=(
        "A field copy is what one room is told of the operation, in one encrypted file. It is taken and brought home in the shell: geoapp field take, open, changes, return.",
        "What comes home is applied edit by edit, by the rights of who brings it. Where the record here changed since the copy was taken nothing is overwritten: the edit waits here, beside what is recorded now.",
        "A place that the copy's room is told coarser never comes back as that place. What was refused says why, and is kept until somebody decides.",
        "Lost ends a copy: nothing comes home from it any more. Who holds the file and its key can read what is in it all the same.",
    ),
)
