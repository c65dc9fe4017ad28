"""Instruments synthesized from a seed: drums, strings, bells, basses, pads and more.

They play the library and the songs of the demonstration, and some tracks of scenes. Each seed
yields a different instrument of a class. `makers` lists the functions that draw instruments, one
per class. `struck`, `plucked`, `blown`, `electronic` and `drums` define these functions from
`sources` and `shaping`.

- `blown`: Instruments that are blown: organs and flutes.
- `classes`: The classes of synthesized instruments: their shares of a library and their playing.
- `drums`: Unpitched instruments: drums, cymbals, claps and shakers.
- `electronic`: Synthesizers: basses, leads, pads, voices and effects.
- `makers`: The makers of synthesized instruments, one per class.
- `playing`: Define the player of an instrument, which is drawn once and played often.
- `plucked`: Plucked strings: guitars and harps.
- `shaping`: Shape sounds: filters, rooms, stereo, ends. See `sources` for the conventions.
- `sources`: Synthesize sources of sound: strings, modes, oscillators, noise and envelopes.
- `struck`: Pitched instruments that are struck: bells, bars, wood blocks and electric pianos.
"""
