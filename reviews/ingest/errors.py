"""Why a whole file, not just a row of it, cannot be imported."""


class UnreadableFile(Exception):
    """The file as a whole makes no sense. `str()` is a translated sentence: what is wrong, where, and what to do."""
