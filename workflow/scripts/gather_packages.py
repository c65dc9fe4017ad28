from gather_places import obtain
from job import run


def main(snakemake):
    from deep_plunder.corpus.gather.packages import Package
    from deep_plunder.util.tables import write_records

    found = obtain(snakemake, snakemake.params.table, snakemake.wildcards.part)
    write_records(snakemake.output.table, Package, found["packages"])


run(main, snakemake)
