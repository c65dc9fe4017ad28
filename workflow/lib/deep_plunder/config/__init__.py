"""The configuration: checked and completed before anything runs.

- `checks`: Check the values of a configuration against each other, and the files that it names.
- `definition`: The whole configuration, assembled from the settings of the packages.
- `documentation`: Write the table of keys and the JSON Schema from the definitions of the settings.
- `made`: Find which paths of a configuration the workflow makes itself.
- `messages`: Check a configuration against the definitions of its keys, and write the messages.
- `names`: The names that a configuration may give to models, benches and folders.
- `reading`: Read configuration files, with bounds on their values and depth.
- `storage`: The settings of remote storage: the section ``storage`` of the configuration.
- `trained`: Check the trained models that a configuration names, and read their networks.
- `validate`: Check the whole configuration before anything runs, and fill in its defaults.
"""
