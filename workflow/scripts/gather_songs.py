from gather_places import places
from job import run


def main(snakemake):
    from pathlib import Path

    from deep_plunder.corpus.gather.packages import obtain_packages, read_packages
    from deep_plunder.corpus.gather.songs import write_songs

    packages = read_packages(snakemake.input.table, "songs")
    write_songs(
        Path(snakemake.output.folder),
        Path(snakemake.output.licences),
        Path(snakemake.output.playlist),
        packages=packages,
        debs=obtain_packages(packages, **places(snakemake)),
    )


run(main, snakemake)
