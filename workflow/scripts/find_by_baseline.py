from job import run


def main(snakemake):
    from deep_plunder.evaluation.baselines.named import baseline
    from deep_plunder.evaluation.baselines.slices import load_mono
    from deep_plunder.evaluation.bench.find import find_all

    forest = next(iter(snakemake.input.forest), None)
    find = baseline(snakemake.wildcards.baseline, forest=forest)
    find_all(lambda path: find(load_mono(path)), snakemake.params.bench, snakemake.output.regions)


run(main, snakemake)
