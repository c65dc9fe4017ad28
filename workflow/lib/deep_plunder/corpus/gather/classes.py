"""Find the class of a sound from its number in General MIDI, or from its name."""

from __future__ import annotations

import re

__all__ = ["class_of_key", "class_of_name", "class_of_program"]

_DRUM_KEYS = {
    "kick": (35, 36),
    "snare": (37, 38, 40),
    "clap": (39,),
    "hihat": (42, 44, 46),
    "tom": (41, 43, 45, 47, 48, 50),
    "cymbal": (49, 51, 52, 53, 55, 57, 59),
}
_CLASS_OF_KEY = {key: name for name, keys in _DRUM_KEYS.items() for key in keys}

# The first program after each family of General MIDI, and programs of another class.
_FAMILIES = (
    *((24, "keys"), (32, "guitar"), (40, "bass"), (52, "strings"), (80, "wind")),
    *((104, "synth"), (112, "fx"), (119, "perc"), (128, "fx")),
)
_PROGRAMS = {
    "tom": (47,),
    "vox": (52, 53, 54, 85, 91),
    "fx": (55,),
    "strings": (104, 105, 106, 107, 110),
    "keys": (108,),
    "wind": (109, 111),
}
_CLASS_OF_PROGRAM = {program: name for name, own in _PROGRAMS.items() for program in own}

_WORDS = {
    "kick": "kick|bassdrum|bass_drum|_bd|bd_|^bd",
    "snare": "snare|snr|_sn|sn_|^sd|rim|side",
    "clap": "clap|snap",
    "hihat": "hat|hh|hihat",
    "cymbal": "crash|ride|cym|splash|china|^rd|^cr",
    "tom": "tom|^tm",
    "bass": "bass",
    "vox": "vox|voice|breath",
    "guitar": "guitar|strum",
    "fx": "fx|effect|noise|glitch|zap|sweep|warp|scratch",
}


def class_of_key(key: int) -> str:
    """Return the class of a drum in General MIDI.

    Parameters
    ----------
    key : int
        Its MIDI note.

    Returns
    -------
    sound_class : str
        The class; ``"perc"`` if it belongs to no other class.

    Examples
    --------
    >>> class_of_key(36), class_of_key(38)
    ('kick', 'snare')
    """
    return _CLASS_OF_KEY.get(key, "perc")


def class_of_program(program: int) -> str:
    """Return the class of an instrument in General MIDI.

    Parameters
    ----------
    program : int
        Its program number, 0 to 127.

    Returns
    -------
    sound_class : str

    Examples
    --------
    >>> class_of_program(0)
    'keys'
    """
    families = (name for stop, name in _FAMILIES if program < stop)
    return _CLASS_OF_PROGRAM.get(program) or next(families, "fx")


def class_of_name(name: str) -> str:
    """Infer the class of a sound from the name of its file.

    Parameters
    ----------
    name : str

    Returns
    -------
    sound_class : str
        The class; ``"perc"`` if no word of the name is known.

    Examples
    --------
    >>> class_of_name("BD_808_long.wav"), class_of_name("xyz.wav")
    ('kick', 'perc')
    """
    found = (group for group, words in _WORDS.items() if re.search(words, name.lower()))
    return next(found, "perc")
