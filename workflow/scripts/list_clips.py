from job import run


def main(snakemake):
    from deep_plunder.batch import ClipRow, list_clips
    from deep_plunder.tables import write_records

    clips = list_clips(snakemake.input.parts, folder=snakemake.params.folder)
    write_records(snakemake.output.clips, ClipRow, clips)


run(main, snakemake)
