from job import run


def main(snakemake):
    from deep_plunder.corpus.chosen import Choice
    from deep_plunder.dataset.choices import write_choices
    from deep_plunder.features.spec import FeatureSpec
    from deep_plunder.util.tables import read_records

    write_choices(
        snakemake.output.features,
        read_records(snakemake.input.choices, Choice),
        duration_s=snakemake.params.duration_s,
        spec=FeatureSpec(**snakemake.params.features),
    )


run(main, snakemake)
