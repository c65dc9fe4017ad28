from job import run


def main(snakemake):
    from functools import partial

    from deep_plunder.decoding.decode import EVERYTHING
    from deep_plunder.evaluation.bench.find import find_all
    from deep_plunder.models.detect import detect_song
    from deep_plunder.models.model_file import load_model

    model = load_model(snakemake.input.model)
    find_all(
        partial(detect_song, model, settings=EVERYTHING),
        snakemake.input.bench,
        snakemake.output.regions,
        min_score=model.decoder.min_score if model.decoder else 0.0,
    )


run(main, snakemake)
