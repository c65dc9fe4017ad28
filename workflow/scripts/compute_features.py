from job import run


def main(snakemake):
    from deep_plunder.dataset.examples import write_examples
    from deep_plunder.dataset.mixes import read_mixes
    from deep_plunder.features.spec import FeatureSpec

    first, stop = snakemake.params.mixes
    write_examples(
        snakemake.output.features,
        read_mixes(snakemake.input.mixes),
        count=stop - first,
        duration_s=snakemake.params.duration_s,
        regions_path=snakemake.output.regions,
        spec=FeatureSpec(**snakemake.params.features),
    )


run(main, snakemake)
