from job import run


def main(snakemake):
    from deep_plunder.corpus.library import Sound
    from deep_plunder.training.classes import (
        ClassScore,
        Confusion,
        measure_classes,
        timbres_of,
        train_classes,
    )
    from deep_plunder.util.tables import read_records, write_records

    sounds = read_records(snakemake.input.sounds, Sound)
    timbres = timbres_of(sounds)
    scores, confusion = measure_classes(sounds, timbres)
    write_records(snakemake.output.scores, ClassScore, scores)
    write_records(snakemake.output.confusion, Confusion, confusion)
    train_classes(timbres, [sound.sound_class for sound in sounds]).save(snakemake.output.forest)


run(main, snakemake)
