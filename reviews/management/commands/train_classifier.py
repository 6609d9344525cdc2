"""`manage.py train_classifier`: trains the weights that are shipped. Needs scipy; needs no database."""

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
        parser.add_argument("--folds", type=int, default=5, help="of the cross-validation, at least 2")
        parser.add_argument(
            "--unseen-categories", action="store_true", help="also measure each category by a model without it"
        )
        parser.add_argument(
            "--predictions", type=Path, metavar="FILE", help="write what the validation says of each review"
        )

    def handle(self, **options: Any) -> None:
        try:
            from reviews.classifier.training import Settings, UnusableExamples, train
        except ModuleNotFoundError as error:
            raise CommandError(f"Training needs {error.name}: install requirements-dev.txt.") from None
        if options["folds"] < 2:
            raise CommandError("--folds must be at least 2.")
        settings = Settings(options["seed"], options["folds"], options["unseen_categories"], options["predictions"])
        try:
            train(options["labels"], options["negative"], options["output"], settings, self._say)
        except (UnusableExamples, OSError) as error:
            raise CommandError(str(error)) from None

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
