from job import run


def main(snakemake):
    from itertools import chain
    from pathlib import Path

    from deep_plunder.dataset.mixes import read_mixes
    from deep_plunder.evaluation.baselines.named import baseline
    from deep_plunder.evaluation.baselines.slices import mono
    from deep_plunder.evaluation.finders import evaluate_finder
    from deep_plunder.features.spec import FeatureSpec

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
        plans=snakemake.input.plans,
        spec=FeatureSpec(**snakemake.params.features),
        reference=evaluation["reference"],
    )


run(main, snakemake)
