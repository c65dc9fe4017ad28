from job import run


def main(snakemake):
    from deep_plunder.corpus.split import split_tables
    from deep_plunder.mixes.scenes.plan import ScenePlanner
    from deep_plunder.mixes.scenes.rows import SceneRow
    from deep_plunder.mixes.scenes.spec import SceneSpec
    from deep_plunder.mixes.scenes.struck import StruckPlanner
    from deep_plunder.mixes.styles import SCENES, STRUCK, numbers_of
    from deep_plunder.util.tables import write_records

    split = snakemake.wildcards.split
    sounds, songs = split_tables(
        snakemake.input.splits,
        snakemake.input.sounds,
        snakemake.input.songs,
        onsets=snakemake.input.onsets,
        split=split,
    )
    planners = {}
    for style, kind in ((SCENES, ScenePlanner), (STRUCK, StruckPlanner)):
        planner = kind(
            split=split,
            seed=snakemake.params.seed,
            sounds=sounds,
            songs=songs,
            spec=SceneSpec(**snakemake.params.scenes),
            duration_s=snakemake.params.duration_s,
        )
        numbers = range(*snakemake.params.mixes)
        for number in numbers_of(style, numbers, style=snakemake.params.style):
            planners[number] = planner
    rows = (row for number in sorted(planners) for row in planners[number].plan(number))
    write_records(snakemake.output.plan, SceneRow, rows)


run(main, snakemake)
