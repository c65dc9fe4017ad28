from job import run


def main(snakemake):
    from deep_plunder.evaluation.bench.solos import render_solos

    render_solos(snakemake.params.source, snakemake.output.bench, seed=snakemake.params.seed)


run(main, snakemake)
