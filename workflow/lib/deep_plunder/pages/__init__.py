"""Parts of HTML pages.

- `html`: Build HTML pages, each a single file that loads nothing from the network.
"""
