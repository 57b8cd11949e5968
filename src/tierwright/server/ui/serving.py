"""The web interface at `/`: files of its build, and its one page for every address of its own."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from tierwright.server.problems import not_found

BUILT = Path(__file__).parent / "dist"
"""Where the build of `frontend/` lies; git ignores it, the wheel holds it."""

_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_RESERVED = ("api", "docs")

_WITHOUT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Tierwright</title>
<h1>Tierwright runs; its web interface is not built</h1>
<p>The API works, and <a href="/docs">/docs</a> describes it. To get the interface, in the source folder type:</p>
<pre>./dev setup</pre>
<p>and start the server again. A wheel from <code>uv build</code> holds the interface.</p></html>"""


class _Assets(StaticFiles):
    """Files whose names change with what they hold, so that browsers may keep them for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer for one file. Raises HTTPException (404)."""
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = _FOR_EVER
        return response


def serve_ui(app: FastAPI, built: Path = BUILT) -> None:
    """Let an app answer with the interface where no other route of it does; without a build say how to get one."""
    page = built / "index.html"
    if not page.is_file():
        app.add_api_route("/", lambda: HTMLResponse(_WITHOUT), include_in_schema=False)
        return
    files = {f"/{file.name}": file for file in built.iterdir() if file.is_file() and file != page}
    app.mount("/assets", _Assets(directory=built / "assets"))

    async def answer(rest: str) -> Response:
        if rest.partition("/")[0] in _RESERVED:
            raise not_found(f"address: {rest}")
        return FileResponse(files.get(f"/{rest}", page), headers={"cache-control": _ASK_AGAIN})

    app.add_api_route("/{rest:path}", answer, methods=["GET", "HEAD"], include_in_schema=False)
