from job import run


def main(snakemake):
    from functools import partial

    from deep_plunder.benches import find_all
    from deep_plunder.detection import EVERYTHING, detect_song
    from deep_plunder.modelfile import load_model

    model = load_model(snakemake.input.model)
    find_all(
        partial(detect_song, model, settings=EVERYTHING),
        snakemake.input.bench,
        snakemake.output.regions,
        min_score=model.decoder.min_score if model.decoder else 0.0,
    )


run(main, snakemake)
