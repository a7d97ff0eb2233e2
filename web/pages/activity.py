"""Who changed what, and when?"""

from web import Page

PAGE = Page(
    name="activity",
    path="who-changed-what",
    title="Activity",
    question="Who changed what, and when?",
    template="activity.html",
    scripts=("activity/activity.js",),
    styles=("register/register.css", "lib/history.css", "activity/activity.css"),
    aside=True,
    reading=(
        "Each line is one change that somebody made, the newest first, by the clocks of the operation. It opens with what each field was and is, and the shapes before and after beside each other.",
        "What this room is not shown does not occur here, and neither does a change of a field that it is not told. Who made a change is told in rooms that record; so are imports, one line each.",
        "The tab Audit has, for those who may read it, every step that was taken: exports, sign-ins to the operation and refusals too, sealed so that nobody alters one unseen. “Check now” looks at all of them.",
    ),
)
