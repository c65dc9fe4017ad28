from job import run


def main(snakemake):
    from deep_plunder.decoding.calibration import ReliabilityBin
    from deep_plunder.evaluation.bench.figures import draw_reliability
    from deep_plunder.evaluation.bench.tables import score_bench
    from deep_plunder.util.tables import read_records

    score_bench(
        snakemake.params.bench,
        snakemake.input.regions,
        path=snakemake.output.scores,
        songs_path=snakemake.output.per_song,
        reliability_path=snakemake.output.reliability,
    )
    draw_reliability(
        snakemake.output.figure[0],
        read_records(snakemake.output.reliability, ReliabilityBin),
        title="{finder}: all regions of {bench}".format(**snakemake.wildcards),
    )


run(main, snakemake)
