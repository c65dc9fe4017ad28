from job import run


def main(snakemake):
    from deep_plunder.corpus.chosen import Choice
    from deep_plunder.decoding.calibration import ReliabilityBin
    from deep_plunder.evaluation.bench.calibrate import calibrate
    from deep_plunder.evaluation.bench.figures import draw_reliability
    from deep_plunder.evaluation.bench.tuning import Trial
    from deep_plunder.models.card import write_decoder
    from deep_plunder.models.model_file import load_model
    from deep_plunder.util.tables import read_records, write_records

    model = load_model(snakemake.input.model)
    choices = [row for path in snakemake.input.choices for row in read_records(path, Choice)]
    tuning = calibrate(model, snakemake.params.bench, name=snakemake.params.name, choices=choices)
    write_records(snakemake.output.trials, Trial, tuning.trials)
    write_records(snakemake.output.reliability, ReliabilityBin, tuning.reliability)
    title = f"{snakemake.wildcards.model}: clips of {snakemake.params.name}, each song left out"
    draw_reliability(snakemake.output.figure[0], tuning.reliability, title=title)
    write_decoder(snakemake.input.model, snakemake.output.model, tuning.decoder)


run(main, snakemake)
