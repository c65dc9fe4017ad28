"""Runs that are disturbed in the middle of a stage must end as undisturbed ones do.

``python -m tests.kills`` disturbs each stage at as many random moments as one likes; pytest does so
at a few.
"""
