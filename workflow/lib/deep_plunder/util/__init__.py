"""Helpers without a domain: files, tables, random generators, code versions, plots.

- `allocation`: Reuse the memory that a process frees, in place of returning it to the system.
- `arrays`: Names for the arrays that modules exchange.
- `bounds`: Types with bounds, and the comparison of a value with them.
- `checksums`: Checksums of the files that pass from stage to stage.
- `clock`: Correct file times that lie in the future, for example after a clock was set back.
- `code_version`: Compute a version of the code that a stage runs, so that an edit reruns only its
  users.
- `console`: Lines on standard output and standard error, and libraries that are kept from adding
  theirs.
- `contents`: Compute digests of files, and read a file again only if it has changed.
- `copying`: Copy folders as a whole, by links where the disk allows.
- `counts`: Numbers of things as text.
- `exact`: Read parts of files that another process may shorten meanwhile.
- `files`: Write files and folders whole or not at all.
- `grids`: Tables as text.
- `listing`: List the files below a user's folder.
- `names`: Text for people: safe names of files, and any path or error as a piece of one line.
- `npy`: Read ``.npz`` files, and name the errors of damaged array files.
- `numba_cache`: Share the code that numba compiles between jobs.
- `optional`: Name the command that installs a part of Deep Plunder that is missing.
- `plotting`: Common parts of all figures: colours, figures without a window, reproducible files.
- `resources`: Files that ship with the package, such as trained models.
- `rng`: Random generators that depend on the item they draw for, and small ways to draw from them.
- `settings`: Settings as frozen dataclasses that check themselves.
- `signals`: Turn SIGTERM and SIGHUP into SystemExit, or hold them back until work is saved.
- `spectra`: Compute magnitudes of spectra.
- `stray`: Catch the lines that a library in C writes to standard error, past Python.
- `tables`: Tables as tab-separated text, one dataclass per kind of row.
- `temporaries`: Names of temporary files that identify their writer, so that a later run can remove
  them.
- `trees`: Random forests as plain arrays: their file, its checks, and the search for leaves.
- `windows`: Cut signals into windows.
"""
