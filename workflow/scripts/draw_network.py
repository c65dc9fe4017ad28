from job import run


def main(snakemake):
    from deep_plunder.features.spec import FeatureSpec
    from deep_plunder.models.figures import draw_network
    from deep_plunder.models.registry import network

    draw_network(
        snakemake.output.figure[0],
        network(snakemake.params.architecture, **snakemake.params.sizes),
        FeatureSpec(**snakemake.params.features),
        title=snakemake.wildcards.model,
    )


run(main, snakemake)
