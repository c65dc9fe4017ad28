from gather_places import places
from job import run


def main(snakemake):
    from pathlib import Path

    from deep_plunder.corpus.gather.modules import write_modules
    from deep_plunder.corpus.gather.packages import obtain_packages, read_packages

    packages = read_packages(snakemake.input.table, snakemake.wildcards.part)
    write_modules(
        Path(snakemake.output.folder),
        Path(snakemake.output.licences),
        packages=packages,
        debs=obtain_packages(packages, **places(snakemake)),
    )


run(main, snakemake)
