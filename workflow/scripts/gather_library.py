from gather_places import obtain
from job import run


def main(snakemake):
    from pathlib import Path

    from deep_plunder.corpus.gather.library import write_library

    write_library(
        Path(snakemake.output.folder),
        Path(snakemake.output.licences),
        **obtain(snakemake, snakemake.input.table, "library"),
    )


run(main, snakemake)
