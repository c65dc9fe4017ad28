"""The configuration: checked and completed before anything runs.

- `checks`: Check values of a configuration against each other, and the files that it names.
- `definition`: The whole configuration, assembled from the settings of the packages.
- `documentation`: Write the table of keys and the JSON Schema from the definitions of the settings.
- `messages`: Check a configuration against the definitions of its keys, and word the faults.
- `validate`: Check the configuration whole, before anything runs, and fill in its defaults.
"""
