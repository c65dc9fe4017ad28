"""Parts of HTML pages.

- `html`: Single HTML files that need no network.
"""
