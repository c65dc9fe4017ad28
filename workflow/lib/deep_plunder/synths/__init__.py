"""Instruments synthesized from a seed: drums, strings, bells, basses, pads and more.

The demonstration's library and songs are played on them, and so are some tracks of scenes. Of
each class there are as many different instruments as seeds. `makers` has the classes; `acoustic`,
`electronic` and `drums` draw the instruments, from the `sources` of sound and their `shaping`.
"""
