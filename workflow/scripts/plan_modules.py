from job import run


def main(snakemake):
    from deep_plunder.corpus.split import split_modules
    from deep_plunder.mixes.modules.plan import ModulePart, ModulePlanner
    from deep_plunder.mixes.styles import MODULES, numbers_of
    from deep_plunder.util.tables import write_records

    split = snakemake.wildcards.split
    planner = ModulePlanner(
        split=split,
        seed=snakemake.params.seed,
        modules=split_modules(snakemake.input.splits, snakemake.input.modules[0], split=split),
        duration_s=snakemake.params.duration_s,
    )
    numbers = numbers_of(MODULES, range(*snakemake.params.mixes), style=snakemake.params.style)
    parts = (part for index in numbers for part in planner.plan(index))
    write_records(snakemake.output.plan, ModulePart, parts)


run(main, snakemake)
