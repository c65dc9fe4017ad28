from job import run


def main(snakemake):
    from pathlib import Path

    from deep_plunder.extraction.batch import ClipRow, list_clips
    from deep_plunder.util.tables import write_records

    folder = Path(snakemake.output.clips).with_suffix("")
    write_records(snakemake.output.clips, ClipRow, list_clips(snakemake.input.parts, folder=folder))


run(main, snakemake)
