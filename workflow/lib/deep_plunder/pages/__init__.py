"""Parts of HTML pages.

- `gallery`: Build the gallery: a page on which the clips of songs are heard, sorted, and chosen.
- `html`: Build HTML pages of tables, each a single file that loads nothing from the network.
"""
