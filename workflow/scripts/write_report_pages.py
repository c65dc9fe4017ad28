from job import run


def main(snakemake):
    from deep_plunder.batch import ClipRow
    from deep_plunder.report import write_clips_page, write_table_page
    from deep_plunder.tables import read_records

    write_table_page(
        dict(zip(snakemake.params.models, snakemake.input.tables, strict=True)),
        path=snakemake.output.table1,
    )
    write_clips_page(
        read_records(snakemake.input.clips, ClipRow),
        folder=snakemake.params.folder,
        path=snakemake.output.clips,
    )


run(main, snakemake)
