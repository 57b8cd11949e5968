"""`/auth`: sessions and one's own password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from tierwright.server.access import SESSION_COOKIE, Caller, PersonCaller, refuse_other_sites
from tierwright.server.auth.schemas import DemoUser, LoginForm, Me, PasswordChange, SignedIn, Start
from tierwright.server.auth.service import change_password, sign_in, sign_out
from tierwright.server.auth.tokens.endpoints import router as tokens
from tierwright.server.platform import Platform, ThePlatform
from tierwright.server.transactions import Reading, Writing
from tierwright.server.users.service import DEMO_PASSWORD, DEMO_USER, end_sessions, has_users

router = APIRouter(prefix="/auth", tags=["auth"])
router.include_router(tokens)


def _address(request: Request) -> str:
    return request.client.host if request.client else "a local socket"


Address = Annotated[str, Depends(_address)]


@router.get("/start")
async def read_start(platform: ThePlatform, connection: Reading) -> Start:
    """What somebody needs to know before they sign in: whether there is a user at all, and the demo's, if it is one."""
    demo = DemoUser(username=DEMO_USER, password=DEMO_PASSWORD) if platform.settings.demo else None
    return Start(has_users=await has_users(connection), demo=demo)


@router.post("/login")
async def login(
    form: Annotated[LoginForm, Form()], request: Request, response: Response, platform: ThePlatform, address: Address
) -> SignedIn:
    """Sign in. The answer's token goes into `Authorization: Bearer`; browsers get it as a cookie too."""
    refuse_other_sites(request, platform)
    session = await sign_in(platform, form.username, form.password.get_secret_value(), address)
    response.set_cookie(
        SESSION_COOKIE,
        session.token,
        max_age=int(platform.settings.session_hours * 3600),
        httponly=True,
        samesite="lax",
        secure=_is_https(request, platform),
    )
    return SignedIn(access_token=session.token, expires_at=session.expires_at)


def _is_https(request: Request, platform: Platform) -> bool:
    return request.url.scheme == "https" or (platform.settings.public_url or "").startswith("https:")


@router.post("/logout", status_code=204)
async def logout(response: Response, caller: PersonCaller, connection: Writing) -> None:
    """End this session."""
    await sign_out(connection, caller)
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax")


@router.post("/logout-all", status_code=204)
async def logout_everywhere(response: Response, caller: PersonCaller, connection: Writing) -> None:
    """End all my sessions, this one too. API tokens stay: each is revoked by itself."""
    await end_sessions(connection, caller.user_id)
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax")


@router.get("/me")
async def who_am_i(caller: Caller) -> Me:
    """Who I am, and what this token may be used for."""
    scopes = None if caller.scopes is None else sorted(caller.scopes)
    return Me(id=caller.user_id, username=caller.username, role=caller.role, scopes=scopes)


@router.post("/password", status_code=204)
async def set_password(change: PasswordChange, caller: PersonCaller, platform: ThePlatform, address: Address) -> None:
    """Change my password; all my other sessions end."""
    old, new = change.old_password.get_secret_value(), change.new_password.get_secret_value()
    await change_password(platform, caller, old, new, address)
