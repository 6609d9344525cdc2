#!/usr/bin/env python
"""Django's command line. Starts the embedded servers first where the installation uses them."""

import os
import sys

WITHOUT_SERVERS = {
    "check_reply",
    "classify_reviews",
    "collectstatic",
    "diffsettings",
    "help",
    "makemessages",
    "startapp",
    "train_classifier",
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewdesk.settings")
    from django.conf import settings
    from django.core.management import execute_from_command_line

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command not in WITHOUT_SERVERS and not {"-h", "--help", "--version"} & set(sys.argv):
        settings.SERVERS.ensure_running()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
