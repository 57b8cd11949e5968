"""Prints the API's description as `frontend/openapi.json` holds it."""

from __future__ import annotations

import json
import sys

from tierwright.server.app import create_app
from tierwright.server.settings import ServerSettings

described = create_app(ServerSettings()).openapi()
sys.stdout.write(json.dumps(described, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
