from job import run


def main(snakemake):
    from itertools import chain, islice

    from deep_plunder.dataset.mixes import read_mixes
    from deep_plunder.evaluation.baselines.forest import FOREST_MIXES, fit_forest

    mixes = chain.from_iterable(map(read_mixes, snakemake.input.mixes))
    forest = fit_forest(
        islice(mixes, FOREST_MIXES), seed=snakemake.params.seed, workers=snakemake.threads
    )
    forest.save(snakemake.output.forest)


run(main, snakemake)
