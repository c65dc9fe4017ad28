from job import run


def main(snakemake):
    from deep_plunder.evaluation.bench.stems import render_stems

    render_stems(snakemake.params.songs, snakemake.output.bench)


run(main, snakemake)
