from job import run


def main(snakemake):
    from itertools import chain
    from pathlib import Path

    from deep_plunder.baselines import baseline
    from deep_plunder.baselinetable import evaluate_baseline
    from deep_plunder.examples import read_mixes
    from deep_plunder.features import FeatureSpec

    evaluation = snakemake.params.evaluation
    evaluate_baseline(
        baseline(
            snakemake.wildcards.baseline,
            forest=next(iter(snakemake.input.forest), None),
            threshold=evaluation["frame_threshold"],
        ),
        chain.from_iterable(map(read_mixes, snakemake.input.mixes)),
        folder=Path(snakemake.output.table1).parent,
        spec=FeatureSpec(**snakemake.params.features),
        reference=evaluation["reference"],
    )


run(main, snakemake)
