"""From where am I signed in, which programs ask as me, and how do I sign in?"""

from web import Page

PAGE = Page(
    name="account",
    path="",
    title="Your account",
    question="From where am I signed in, which programs ask as me, and how do I sign in?",
    template="account.html",
    scripts=("account/account.js",),
    styles=("register/register.css", "members/members.css", "account/account.css"),
    aside=True,
)
