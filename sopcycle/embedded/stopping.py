"""Being asked to stop: the signals set a flag, and every wait of the supervisor looks at it."""

import signal
import time
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
BETWEEN_LOOKS = 0.05


class StopAsked(Exception):
    """Someone asked us to stop; carries the signal."""

    def __init__(self, asked: signal.Signals) -> None:
        super().__init__(asked.name)
        self.asked = asked


class StopFlag:
    """Set by a signal, read in `pause`: no exception is ever raised between two statements."""

    def __init__(self) -> None:
        self._asked: signal.Signals | None = None

    def listen(self) -> None:
        for each in SIGNALS:
            signal.signal(each, self._note)

    def pause(self) -> None:
        """Sleep a moment. Raises StopAsked when a signal has arrived."""
        self.check()
        time.sleep(BETWEEN_LOOKS)

    def check(self) -> None:
        if self._asked is not None:
            raise StopAsked(self._asked)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._asked = self._asked or signal.Signals(number)
