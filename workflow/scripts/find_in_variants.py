from job import run


def main(snakemake):
    from functools import partial

    from deep_plunder.decoding.decode import EVERYTHING
    from deep_plunder.evaluation.probes.variants import find_in_variants
    from deep_plunder.models.detect import detect_song
    from deep_plunder.models.model_file import load_model
    from deep_plunder.util.resources import model_path

    model = load_model(model_path(snakemake.params.model))
    find_in_variants(
        partial(detect_song, model, settings=EVERYTHING),
        snakemake.params.bench,
        snakemake.input.plain,
        snakemake.output.variants,
        min_score=model.decoder.min_score if model.decoder else 0.0,
        songs=snakemake.params.songs,
        seed=snakemake.params.seed,
    )


run(main, snakemake)
