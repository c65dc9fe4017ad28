from gather_places import places
from job import run


def main(snakemake):
    from deep_plunder.corpus.gather.packages import Package, obtain_packages, read_packages
    from deep_plunder.util.tables import write_records

    packages = read_packages(snakemake.params.table, snakemake.wildcards.part)
    obtain_packages(packages, **places(snakemake))
    write_records(snakemake.output.table, Package, packages)


run(main, snakemake)
