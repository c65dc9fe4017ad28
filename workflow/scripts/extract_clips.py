from job import run


def main(snakemake):
    pass


run(main, snakemake)
