import pytest

from tests.checks.written import Script


@pytest.fixture
def play() -> Script:
    """Return a script with nothing in it."""
    return Script()


@pytest.fixture
def lobby(play: Script) -> Script:
    """Return a script in which alice on one worker and bob on another have joined the lobby."""
    play.join("alice", worker="daphne-1")
    play.join("bob", worker="uvicorn-2")
    return play
