"""Who is signed in at the desk, by token only; whether anybody comes when called."""

import threading

from appliance.desk.board import Board


class Presence:
    """The sign-ins that stand; told to the board, so that no voice promises help to an empty hall."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._lock = threading.Lock()
        self._present: set[str] = set()

    def arrive(self, sign_in: str) -> None:
        """Somebody signed in."""
        with self._lock:
            self._present.add(sign_in)
            self._board.show(staff_present=len(self._present))

    def leave(self, sign_in: str) -> None:
        """Somebody signed out."""
        with self._lock:
            self._present.discard(sign_in)
            self._board.show(staff_present=len(self._present))

    def is_here(self, sign_in: str) -> bool:
        """Whether that sign-in still stands."""
        return sign_in in self._present
