from job import run


def main(snakemake):
    from itertools import chain, islice

    from deep_plunder.baselines import FOREST_MIXES, fit_forest
    from deep_plunder.examples import read_mixes

    mixes = chain.from_iterable(map(read_mixes, snakemake.input.mixes))
    forest = fit_forest(
        islice(mixes, FOREST_MIXES), seed=snakemake.params.seed, workers=snakemake.threads
    )
    forest.save(snakemake.output.forest)


run(main, snakemake)
