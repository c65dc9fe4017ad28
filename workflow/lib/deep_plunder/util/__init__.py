"""Helpers without a domain: files, tables, random generators, code versions, plots.

- `allocation`: Reuse the memory that a process frees, in place of returning it to the system.
- `arrays`: Names for the arrays that modules exchange.
- `checksums`: Checksums of the files that pass from stage to stage.
- `clock`: Times of files that lie in the future, as after a clock was set back.
- `code_version`: Compute a version of the code that a stage runs, so that an edit reruns only its
  users.
- `console`: Lines on standard output and standard error, and libraries that are kept from adding
  theirs.
- `contents`: Digests of files' content, each file read only once as long as it stays the same.
- `files`: Write files and folders whole or not at all, and list those of a user's folder.
- `grids`: Tables as text.
- `names`: Names of files: safe ones for any text, and any path as a piece of one line.
- `npy`: Read ``.npy`` and ``.npz`` files, whatever is wrong with them.
- `optional`: Name the command that installs a part of Deep Plunder that is missing.
- `plotting`: Common parts of all figures: colours, figures without a window, reproducible files.
- `resources`: Files that ship with the package, such as trained models.
- `rng`: Random generators that depend on the item they draw for, and small ways to draw from them.
- `settings`: Settings as frozen dataclasses whose types hold their bounds.
- `signals`: Turn SIGTERM and SIGHUP into SystemExit, so that half-written files are removed.
- `tables`: Tables as tab-separated text, one dataclass per kind of row.
- `temporaries`: Names of temporary files that tell their writer, so that a later run can remove
  them.
"""
