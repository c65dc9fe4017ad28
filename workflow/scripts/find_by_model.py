from job import run


def main(snakemake):
    from deep_plunder.benches import find_all, model_finder
    from deep_plunder.modelfile import load_model

    model = load_model(snakemake.input.model)
    find_all(
        model_finder(model),
        snakemake.input.bench,
        snakemake.output.regions,
        min_score=model.decoder.min_score if model.decoder else 0.0,
    )


run(main, snakemake)
