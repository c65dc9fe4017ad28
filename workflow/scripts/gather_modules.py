from gather_places import obtain
from job import run


def main(snakemake):
    from pathlib import Path

    from deep_plunder.corpus.gather.modules import write_modules

    write_modules(
        Path(snakemake.output.folder),
        Path(snakemake.output.licences),
        **obtain(snakemake, snakemake.input.table, snakemake.wildcards.part),
    )


run(main, snakemake)
