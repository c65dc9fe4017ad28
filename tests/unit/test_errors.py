"""Whatever a name or a value holds, a message is one line."""

import pickle

import pytest

from deep_plunder.errors import AudioError, ConfigError, DeepPlunderError, InputError, ModelError


@pytest.mark.parametrize("kind", [DeepPlunderError, InputError, ModelError, AudioError])
@pytest.mark.parametrize("text", ["a\nb", "a\r", "\0", "\x1b[31m", "\udce9", "\u2028", "\u202e"])
def test_what_cannot_be_printed_is_escaped(kind: type[DeepPlunderError], text: str) -> None:
    message = str(kind(f"é {text}.wav: \\n is kept"))
    assert message.isprintable()
    assert message.startswith("é ") and message.endswith(".wav: \\n is kept")


@pytest.mark.parametrize("letter", ["x", "\n", "é", "\udce9"])
def test_no_message_is_longer_than_a_page(letter: str) -> None:
    for error in (InputError(letter * 10**6), ConfigError([letter * 10**6])):
        assert len(str(error)) == 2_000 and str(error).endswith("...")
    assert str(InputError("x" * 2_000)) == "x" * 2_000


def test_each_fault_of_a_configuration_is_a_line() -> None:
    error = ConfigError(["x\ny: must be 1", "z: must be 2"])
    assert error.faults == ("x\\ny: must be 1", "z: must be 2")
    assert str(error).split("\n") == list(error.faults)


def test_errors_pass_between_processes() -> None:
    for error in (InputError("a\nb"), AudioError("a", reason="empty"), ConfigError(["a", "b"])):
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again)) == (type(error), str(error))
