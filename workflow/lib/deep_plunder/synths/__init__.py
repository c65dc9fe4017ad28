"""Instruments synthesized from a seed: drums, strings, bells, basses, pads and more.

They play the library and the songs of the demonstration, and some tracks of scenes. Each seed
yields a different instrument of a class. `makers` lists the functions that draw instruments, one
per class. `acoustic`, `electronic` and `drums` define these functions from `sources` and `shaping`.

- `acoustic`: Pitched instruments that are struck, plucked or blown.
- `classes`: The classes of synthesized instruments: their shares of a library and their playing.
- `drums`: Unpitched instruments: drums, cymbals, claps and shakers.
- `electronic`: Synthesizers: basses, leads, pads, voices and effects.
- `makers`: The makers of synthesized instruments, one per class.
- `playing`: Define the player of an instrument, which is drawn once and played often.
- `shaping`: Shape sounds: filters, rooms, stereo, ends. See `sources` for the conventions.
- `sources`: Synthesize sources of sound: strings, modes, oscillators, noise and envelopes.
"""
