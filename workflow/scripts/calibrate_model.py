from job import run


def main(snakemake):
    from deep_plunder.decoding.calibration import ReliabilityBin
    from deep_plunder.evaluation.bench.figures import draw_reliability
    from deep_plunder.evaluation.bench.tuning import Trial, calibrate, write_decoder
    from deep_plunder.models.model_file import load_model
    from deep_plunder.util.tables import write_records

    model = load_model(snakemake.input.model)
    choice = calibrate(model, snakemake.params.bench, name=snakemake.params.name)
    write_records(snakemake.output.trials, Trial, choice.trials)
    write_records(snakemake.output.reliability, ReliabilityBin, choice.reliability)
    title = f"{snakemake.wildcards.model}: clips of {snakemake.params.name}, each song left out"
    draw_reliability(snakemake.output.figure, choice.reliability, title=title)
    write_decoder(snakemake.input.model, snakemake.output.model, choice.decoder)


run(main, snakemake)
