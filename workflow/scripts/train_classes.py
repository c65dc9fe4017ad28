from job import run


def main(snakemake):
    from deep_plunder.corpus.library import Sound
    from deep_plunder.training.class_scores import ClassScore, Confusion
    from deep_plunder.training.classes import train_classes, traits_of
    from deep_plunder.util.tables import read_records, write_records

    sounds = read_records(snakemake.input.sounds, Sound)
    trained = train_classes(traits_of(sounds), sounds)
    write_records(snakemake.output.scores, ClassScore, trained.scores)
    write_records(snakemake.output.confusion, Confusion, trained.confusion)
    trained.forest.save(snakemake.output.forest)


run(main, snakemake)
