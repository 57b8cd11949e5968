"""Errors as the API tells them: `{detail, code}`, and for bad input the path of every field that is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException as StarletteHTTPException

from tierwright.core.errors import MachineryError, UsageError

_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
}


class FieldProblem(BaseModel):
    """One field that is wrong: where it is (`body.steps.0.action`), and what to do about it."""

    path: str
    message: str


class ProblemBody(BaseModel):
    """The body of every error."""

    detail: str
    code: str
    errors: list[FieldProblem] = []


class Problem(Exception):  # noqa: N818 - it is the answer, not only an error
    """An error that a request ends with. `errors` names the fields that are wrong."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: Sequence[FieldProblem] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = headers
        self.body = ProblemBody(detail=detail, code=code, errors=list(errors))


def not_found(what: str) -> Problem:
    """The answer for what is not there, and for what the caller may not know to be there."""
    return Problem(404, "not_found", f"there is no such {what}")


def forbidden(why: str) -> Problem:
    """The answer for something the caller can see and may not do."""
    return Problem(403, "forbidden", why)


def conflict(why: str) -> Problem:
    """The answer for what the present state does not allow."""
    return Problem(409, "conflict", why)


def invalid(path: str, message: str) -> Problem:
    """The answer for one field that is wrong in a way that a schema cannot say."""
    return Problem(422, "invalid", f"{path}: {message}", [FieldProblem(path=path, message=message)])


def answer_problems(app: FastAPI) -> None:
    """Let every error of an app be told in the one form."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(StarletteHTTPException, _on_http)
    app.add_exception_handler(UsageError, _on_usage)
    app.add_exception_handler(MachineryError, _on_machinery)
    app.add_exception_handler(Exception, _on_bug)


def answer_of(status: int, body: ProblemBody, headers: Any = None) -> JSONResponse:
    """The response that tells a problem."""
    return JSONResponse(body.model_dump(exclude_defaults=True), status_code=status, headers=headers)


async def _on_problem(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)
    return answer_of(error.status, error.body, error.headers)


async def _on_invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    fields = [FieldProblem(path=".".join(map(str, e["loc"])), message=_words(e)) for e in error.errors()]
    detail = "; ".join(f"{field.path}: {field.message}" for field in fields)
    return answer_of(422, ProblemBody(detail=detail, code="invalid", errors=fields))


def _words(error: dict[str, Any]) -> str:
    return "this field is not known" if error["type"] == "extra_forbidden" else str(error["msg"])


async def _on_http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, StarletteHTTPException)
    body = ProblemBody(detail=str(error.detail), code=_CODES.get(error.status_code, "error"))
    return answer_of(error.status_code, body, error.headers)


async def _on_usage(_request: Request, error: Exception) -> JSONResponse:
    return answer_of(422, ProblemBody(detail=str(error), code="invalid"))


async def _on_machinery(_request: Request, error: Exception) -> JSONResponse:
    return answer_of(503, ProblemBody(detail=str(error), code="unavailable"), {"Retry-After": "5"})


async def _on_bug(_request: Request, _error: Exception) -> JSONResponse:
    """Starlette raises the error again after this answer, so that it is logged."""
    return answer_of(500, ProblemBody(detail="this is a bug in Tierwright; the server's log says where", code="bug"))
