"""The configuration: checked and completed before anything runs.

- `checks`: Check the values of a configuration against each other, and the files that it names.
- `definition`: The whole configuration, assembled from the settings of the packages.
- `documentation`: Write the table of keys and the JSON Schema from the definitions of the settings.
- `messages`: Check a configuration against the definitions of its keys, and write the messages.
- `reading`: Read configuration files, within bounds on what their text can ask for.
- `trained`: Check the trained models that a configuration names, and read their networks.
- `validate`: Check the whole configuration before anything runs, and fill in its defaults.
"""
