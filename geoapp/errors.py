"""What can go wrong, in one shape for HTTP (RFC 9457 Problem Details), for the shell and for people.

GeoappError                  500, exit 1
  BadRequest                 400, exit 2    the question cannot be understood
  Unauthorized               401, exit 1    it is not known who asks
  Forbidden                  403, exit 1    this audience or mode may not do it
  NotFound                   404, exit 1    no such thing, or none that this audience may see
  NotAcceptable              406, exit 2    no such format
  Conflict                   409, exit 1    something else is there already
  Stopped                    409, exit 1    somebody stopped it; nothing was changed
  PreconditionFailed         412, exit 1    the record has changed since it was read
  TooLarge                   413, exit 1    over a stated limit
  Refused                    422, exit 1    understood, and cannot be done: it says why
  PreconditionRequired       428, exit 2    an If-Match header is needed
  TooMany                    429, exit 1    tried too often, for now
  Unavailable                503, exit 1    the database does not answer
    Contended                503, exit 1    it undid the whole transaction for the sake of somebody else's
    TooLong                  503, exit 1    the database was told to stop: this takes it longer than it may
    Ended                    503, exit 1    a process that did a part of the work ended before it was done
  SetupError                 503, exit 1    a step of setting up could not be done
  OutOfSpace                 507, exit 1    the disk is full; nothing was kept
"""

from typing import Any, ClassVar


class GeoappError(Exception):
    """An error with words for people: `detail` says what happened and where, `hint` what to do."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"
    exit_code: ClassVar[int] = 1
    headers: ClassVar[dict[str, str]] = {}

    def __init__(self, detail: str, *, hint: str = "", **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.hint = hint
        self.extra = extra

    def problem(self) -> dict[str, Any]:
        """The Problem Details body."""
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.hint:
            body["hint"] = self.hint
        return body | self.extra

    def line(self) -> str:
        """One line for the shell."""
        return f"{self.detail} {self.hint}".strip()


class BadRequest(GeoappError):
    status, title, exit_code = 400, "The request cannot be understood", 2


class Unauthorized(GeoappError):
    status, title = 401, "Sign in first"
    headers = {"WWW-Authenticate": "Bearer"}


class Forbidden(GeoappError):
    status, title = 403, "Not for this audience"


class NotFound(GeoappError):
    status, title = 404, "Not found"


class NotAcceptable(GeoappError):
    status, title, exit_code = 406, "No such format", 2


class Conflict(GeoappError):
    status, title = 409, "Already there"


class Stopped(GeoappError):
    status, title = 409, "Stopped"


class PreconditionFailed(GeoappError):
    status, title = 412, "The record has changed since you read it"


class TooLarge(GeoappError):
    status, title = 413, "Too large"


class Refused(GeoappError):
    status, title = 422, "This cannot be done as it was asked"


class TooMany(GeoappError):
    status, title = 429, "Too many attempts"
    headers = {"Retry-After": "900"}


class PreconditionRequired(GeoappError):
    status, title, exit_code = 428, "Say which version you are changing", 2


class Unavailable(GeoappError):
    status, title = 503, "The database does not answer"
    headers = {"Retry-After": "2"}


class Contended(Unavailable):
    title = "Somebody else was changing the same"
    headers = {"Retry-After": "1"}


class TooLong(Unavailable):
    title = "This takes the database too long"


class Ended(Unavailable):
    title = "A part of the work ended before it was done"


class SetupError(GeoappError):
    status, title = 503, "A step of setting up could not be done"


class OutOfSpace(GeoappError):
    status, title = 507, "The disk is full"
