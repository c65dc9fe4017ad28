"""Instruments synthesized from a seed: drums, strings, bells, basses, pads and more.

The demonstration's library and songs are played on them, and so are some tracks of scenes. Of
each class there are as many different instruments as seeds. `makers` has the classes; `acoustic`,
`electronic` and `drums` draw the instruments, from the `sources` of sound and their `shaping`.

- `acoustic`: Instruments with a tune that are struck, plucked or blown.
- `classes`: The classes of synthesized instruments: how common each is, and how it is played.
- `drums`: Instruments without a tune: drums, cymbals, hands and blocks.
- `electronic`: Synthesizers: basses, leads, pads, voices and effects.
- `makers`: The makers of synthesized instruments, one per class.
- `playing`: What an instrument is: drawn once, played often.
- `shaping`: What is done to a sound: filters, rooms, stereo, ends. Conventions as in `sources`.
- `sources`: Sources of sound: strings, modes, oscillators, noise and their envelopes.
"""
