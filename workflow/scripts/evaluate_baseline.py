from job import run


def main(snakemake):
    from itertools import chain
    from pathlib import Path

    from deep_plunder.baselines import baseline, mono
    from deep_plunder.examples import read_mixes
    from deep_plunder.features import FeatureSpec
    from deep_plunder.findertable import evaluate_finder

    evaluation = snakemake.params.evaluation
    find = baseline(
        snakemake.wildcards.baseline,
        forest=next(iter(snakemake.input.forest), None),
        threshold=evaluation["frame_threshold"],
    )
    evaluate_finder(
        lambda mix: find(mono(mix.audio, mix.rate)),
        chain.from_iterable(map(read_mixes, snakemake.input.mixes)),
        folder=Path(snakemake.output.table1).parent,
        spec=FeatureSpec(**snakemake.params.features),
        reference=evaluation["reference"],
    )


run(main, snakemake)
