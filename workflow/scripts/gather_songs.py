from gather_places import obtain
from job import run


def main(snakemake):
    from pathlib import Path

    from deep_plunder.corpus.gather.songs import write_songs

    write_songs(
        Path(snakemake.output.folder),
        Path(snakemake.output.licences),
        Path(snakemake.output.playlist),
        **obtain(snakemake, snakemake.input.table, "songs"),
    )


run(main, snakemake)
