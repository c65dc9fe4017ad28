"""Hostile input: whatever a file holds, it is read, or refused in one line.

- `watch`: what one case may do, and the search for what it did.
- `mutate`: how cases are made of sound files; `tokens` is what they get.
- `documents`: cases of text that are drawn as a whole.
- `targets`: the readers, each with sound files to begin with.
- `run`: many cases, in processes of their own where a library may crash.

``python -m tests.fuzz --cases 200000`` runs as many cases of each target as one likes.
"""
