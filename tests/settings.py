"""Settings of the test run: servers of its own, so that nothing of a running product is touched."""

import os
from pathlib import Path

os.environ.setdefault("REVIEWDESK_VAR", str(Path(__file__).resolve().parent.parent / "var" / "test"))

from reviewdesk.settings import *

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
