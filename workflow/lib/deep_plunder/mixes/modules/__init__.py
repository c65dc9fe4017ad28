"""Tracker modules as songs with exact truth.

- `render`: Render a tracker module channel by channel, and find where one of its notes is alone.
"""
