from job import run


def main(snakemake):
    from deep_plunder.corpus.split import split_tables
    from deep_plunder.mixes.scenes.plan import ScenePlanner
    from deep_plunder.mixes.scenes.rows import SceneRow
    from deep_plunder.mixes.scenes.spec import SceneSpec
    from deep_plunder.mixes.styles import SCENES, numbers_of
    from deep_plunder.util.tables import write_records

    split = snakemake.wildcards.split
    sounds, songs = split_tables(
        snakemake.input.splits,
        snakemake.input.sounds,
        snakemake.input.songs,
        onsets=snakemake.input.onsets,
        split=split,
    )
    planner = ScenePlanner(
        split=split,
        seed=snakemake.params.seed,
        sounds=sounds,
        songs=songs,
        spec=SceneSpec(**snakemake.params.scenes),
        duration_s=snakemake.params.duration_s,
    )
    numbers = numbers_of(SCENES, range(*snakemake.params.mixes), style=snakemake.params.style)
    rows = (row for index in numbers for row in planner.plan(index))
    write_records(snakemake.output.plan, SceneRow, rows)


run(main, snakemake)
