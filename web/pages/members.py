"""Who works in this operation, and what may each of them record and see?"""

from web import Page

PAGE = Page(
    name="members",
    path="member",
    title="Members",
    question="Who works in this operation, and what may each of them record and see?",
    template="members.html",
    scripts=("members/members.js",),
    styles=("register/register.css", "members/members.css"),
    aside=True,
    reading=(
        "The role says what one may record, the rooms what one may see; both hold at the next request, for pages, files and tokens alike.",
        "Administrators invite, change and remove here. An invitation is a link that is shown once: send it by a way that others do not read. It sets a password, once, within 72 hours.",
        "The last administrator of an operation stays. A link for somebody who works in other operations too is made by whoever runs the instance.",
    ),
)
