"""Why something about a whole import, not just a row of it, cannot be."""


class UnreadableFile(Exception):
    """The file as a whole makes no sense. `str()` is a translated sentence: what is wrong, where, and what to do."""


class NoRoom(Exception):
    """An upload finds no room on the disk, and nothing of it was kept. `str()` is a translated sentence."""


class UndoRefused(Exception):
    """An import cannot be undone as things stand; `obstacles` are translated sentences that say why."""

    def __init__(self, obstacles: list[str]) -> None:
        super().__init__(" ".join(obstacles))
        self.obstacles = obstacles
