"""Why something about a whole import, not just a row of it, cannot be."""


class UnreadableFile(Exception):
    """The file as a whole makes no sense. `str()` is a translated sentence: what is wrong, where, and what to do."""


class UndoRefused(Exception):
    """An import cannot be undone as things stand. `obstacles` are translated sentences: what people would have to know."""

    def __init__(self, obstacles: list[str]) -> None:
        super().__init__(" ".join(obstacles))
        self.obstacles = obstacles
