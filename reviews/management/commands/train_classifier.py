"""`manage.py train_classifier`: trains the weights that are shipped. Needs PyTorch; needs no database."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Train the cause classifier from labelled CSV files, print validation scores and store the weights."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--labels", nargs="+", required=True, type=Path, metavar="FILE", help="columns id, content, causes"
        )
        parser.add_argument(
            "--negative", nargs="+", default=[], type=Path, metavar="FILE", help="columns content, negative (0 or 1)"
        )
        parser.add_argument("--output", required=True, type=Path, metavar="DIR", help="where the weights go")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument(
            "--without", nargs="+", default=[], metavar="CATEGORY", help="do not learn from these, but report on them"
        )
        parser.add_argument(
            "--effort", type=_share, default=1.0, metavar="SHARE", help="of the full training, to try things out"
        )
        parser.add_argument(
            "--checkpoints", type=Path, metavar="DIR", help="keep stages there; an interrupted training goes on"
        )
        parser.add_argument(
            "--predictions", type=Path, metavar="FILE", help="write what is said of the reviews set aside"
        )

    def handle(self, **options: Any) -> None:
        try:
            from reviews.classifier.training.course import Settings, train
            from reviews.classifier.training.examples import UnusableExamples
        except ModuleNotFoundError as error:
            raise CommandError(f"Training needs {error.name}: install requirements-training.txt.") from None
        settings = Settings(
            seed=options["seed"],
            effort=options["effort"],
            without=frozenset(options["without"]),
            checkpoints=options["checkpoints"],
            predictions=options["predictions"],
        )
        try:
            train(options["labels"], options["negative"], options["output"], settings, self._say)
        except (UnusableExamples, OSError) as error:
            raise CommandError(str(error)) from None

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _share(given: str) -> float:
    share = float(given)
    if not 0 < share <= 1:
        raise ValueError
    return share
