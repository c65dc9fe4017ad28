"""The configuration: checked and completed before anything runs.

- `checks`: Check values of a configuration against each other, and the files that it names.
- `messages`: Check a configuration against its schema, and word the faults.
- `validate`: Check the configuration whole, before anything runs, and fill in its defaults.
"""
