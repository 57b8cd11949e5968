"""Serves the web interface of Locust on loopback, for bench/strategies.py; runs in the environment of one release.

usage: python locust_site.py FOLDER

Says `ready PORT` once it listens. Ends when its standard input is closed. Its simulated users ask a second port.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

LOCUSTFILE = """
from locust import HttpUser, constant, task


class Shopper(HttpUser):
    host = "http://127.0.0.1:{target}"
    wait_time = constant(1)

    @task
    def front_page(self):
        self.client.get("/")

    @task
    def search(self):
        self.client.get("/no-such-page")
"""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def wait_for(port: int) -> None:
    """Return once something listens."""
    while True:
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)


def main() -> None:
    """Serve until standard input is closed."""
    folder, web, target = Path(sys.argv[1]).resolve(), free_port(), free_port()
    (folder / "site").mkdir()
    (folder / "site" / "index.html").write_text("<h1>Hello</h1>", encoding="utf-8")
    (folder / "locustfile.py").write_text(LOCUSTFILE.format(target=target), encoding="utf-8")
    served = ["-m", "http.server", str(target), "--bind", "127.0.0.1", "--directory", str(folder / "site")]
    locust = ["-m", "locust", "-f", "locustfile.py", "--web-host", "127.0.0.1", "--web-port", str(web)]
    started = [
        subprocess.Popen([sys.executable, *words], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for words in (served, locust)
    ]
    try:
        wait_for(web)
        print("ready", web, flush=True)
        sys.stdin.read()
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(5)


if __name__ == "__main__":
    main()
