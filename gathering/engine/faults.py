"""Why a whole file, or a whole profile, cannot be used."""


class FileFault(Exception):
    """The file cannot be read at all. The message says what is wrong, where, and what to do."""


class ProfileFault(Exception):
    """The profile has mistakes: one sentence each, with the YAML key it is about."""

    def __init__(self, mistakes: list[str]) -> None:
        self.mistakes = mistakes
        super().__init__(" ".join(mistakes))
