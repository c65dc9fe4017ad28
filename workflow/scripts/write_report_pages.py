from job import run


def main(snakemake):
    from pathlib import Path

    from deep_plunder.evaluation.summary import write_table_page
    from deep_plunder.extraction.batch import ClipRow
    from deep_plunder.extraction.clips_page import write_clips_page
    from deep_plunder.util.tables import read_records

    write_table_page(
        dict(zip(snakemake.params.models, snakemake.input.tables, strict=True)),
        path=snakemake.output.table1,
    )
    write_clips_page(
        read_records(snakemake.input.clips, ClipRow),
        folder=Path(snakemake.input.clips).with_suffix(""),
        path=snakemake.output.clips,
    )


run(main, snakemake)
