from job import run


def main(snakemake):
    from deep_plunder.evaluation.bench.tables import score_bench

    score_bench(
        snakemake.params.bench,
        snakemake.input.regions,
        path=snakemake.output.scores,
        songs_path=snakemake.output.per_song,
    )


run(main, snakemake)
