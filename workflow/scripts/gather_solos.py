from gather_places import obtain
from job import run


def main(snakemake):
    from pathlib import Path

    from deep_plunder.corpus.gather.solos import write_solos

    write_solos(
        Path(snakemake.output.folder),
        Path(snakemake.output.licences),
        **obtain(snakemake, snakemake.input.table, "solos"),
    )


run(main, snakemake)
