from job import run


def main(snakemake):
    from pathlib import Path

    from deep_plunder.util.copying import copy_files
    from deep_plunder.util.temporaries import remove_path

    (source,) = snakemake.input
    copy_files(source, snakemake.output.folder)
    # Snakemake keeps its local copy of a folder, with files that storage no longer holds.
    remove_path(Path(source))


run(main, snakemake)
