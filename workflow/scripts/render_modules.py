from job import run


def main(snakemake):
    from deep_plunder.evaluation.bench.trackers import render_bench

    render_bench(snakemake.params.modules, snakemake.output.bench)


run(main, snakemake)
