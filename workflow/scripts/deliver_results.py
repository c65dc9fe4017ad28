from job import run


def main(snakemake):
    from pathlib import Path

    from deep_plunder.util.copying import copy_files

    folder = Path(snakemake.params.folder)
    copy_files(
        folder,
        snakemake.output.folder,
        # Such as clips.tsv beside the folder clips.
        beside=[path for path in sorted(folder.parent.glob(f"{folder.name}.*")) if path.is_file()],
        without=folder.glob("*/checkpoint"),
    )


run(main, snakemake)
