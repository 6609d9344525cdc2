"""The browser of the tests: Debian's Chromium, installed first where that is possible.

`python -m tests.browser.chromium` makes sure it is there, and says what to do where it cannot be installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PACKAGES = ["chromium", "fonts-noto-cjk"]


def executable() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def main() -> int:
    if executable():
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing {' '.join(PACKAGES)} for the browser tests ...", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *PACKAGES]):
            subprocess.run(["apt-get", *command], check=True, env=environment, stdout=subprocess.DEVNULL)
        return 0 if executable() else 1
    print(
        f"The browser tests need Chromium. Install it once, on Debian: sudo apt-get install {' '.join(PACKAGES)}",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
