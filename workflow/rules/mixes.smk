rule plan:
    input:
        sounds="results/library/sounds.tsv",
        onsets="results/library/onsets.json",
        songs="results/songs/songs.tsv",
        splits="results/splits.tsv",
    output:
        plan="results/mixes/plan/{split}/{shard}.tsv",
    log:
        "results/logs/plan/{split}/{shard}.log",
    benchmark:
        "results/benchmarks/plan/{split}/{shard}.tsv"
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(1000),
        runtime=per_attempt(10),
    params:
        seed=config["seed"],
        mixes=lambda wildcards: mixes_of(wildcards.split, wildcards.shard),
        style=config["mixes"]["style"],
        spec=keys("mixes", *MIX_KEYS),
        code=lambda wildcards: code_of("plan_mixes.py"),
    message:
        "Plan the mixes of {wildcards.split} {wildcards.shard}"
    script:
        "../scripts/plan_mixes.py"


rule plan_scenes:
    input:
        sounds="results/library/sounds.tsv",
        onsets="results/library/onsets.json",
        songs="results/songs/songs.tsv",
        splits="results/splits.tsv",
    output:
        plan="results/mixes/scenes/{split}/{shard}.tsv",
    log:
        "results/logs/plan_scenes/{split}/{shard}.log",
    benchmark:
        "results/benchmarks/plan_scenes/{split}/{shard}.tsv"
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(1000),
        runtime=per_attempt(10),
    params:
        seed=config["seed"],
        mixes=lambda wildcards: mixes_of(wildcards.split, wildcards.shard),
        style=config["mixes"]["style"],
        duration_s=config["mixes"]["duration_s"],
        scenes=SCENES_PLANNED,
        code=lambda wildcards: code_of("plan_scenes.py"),
    message:
        "Plan the scenes of {wildcards.split} {wildcards.shard}"
    script:
        "../scripts/plan_scenes.py"


rule plan_modules:
    input:
        modules=MODULES_TABLE,
        splits="results/splits.tsv",
    output:
        plan="results/mixes/modules/{split}/{shard}.tsv",
    log:
        "results/logs/plan_modules/{split}/{shard}.log",
    benchmark:
        "results/benchmarks/plan_modules/{split}/{shard}.tsv"
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(1000),
        runtime=per_attempt(10),
    params:
        seed=config["seed"],
        mixes=lambda wildcards: mixes_of(wildcards.split, wildcards.shard),
        style=config["mixes"]["style"],
        duration_s=config["mixes"]["duration_s"],
        code=lambda wildcards: code_of("plan_modules.py"),
    message:
        "Plan the mixes of modules of {wildcards.split} {wildcards.shard}"
    script:
        "../scripts/plan_modules.py"


rule render:
    input:
        made_library=made_library,
        made_songs=made_songs,
        sounds="results/library/sounds.tsv",
        songs="results/songs/songs.tsv",
        plan=PAPER_PLAN,
        scenes=SCENES_PLAN,
        modules_plan=MODULES_PLAN,
        modules=MIXED_MODULES,
        made_modules=made_module_folders if MODULES_PLAN else [],
    output:
        mixes=directory("results/mixes/audio/{split}/{shard}"),
        rejected="results/mixes/rejected/{split}/{shard}.tsv",
    log:
        "results/logs/render/{split}/{shard}.log",
    benchmark:
        "results/benchmarks/render/{split}/{shard}.tsv"
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(1000),
        runtime=per_attempt(60),
    params:
        spec=keys("mixes", *RENDERED_KEYS),
        scenes=SCENES_TRUTH,
        sounds=library_files,
        songs=song_files,
        modules=module_files if MODULES_PLAN else None,
        code=lambda wildcards: code_of("render_mixes.py", without=OTHER_STYLES),
    message:
        "Render the mixes of {wildcards.split} {wildcards.shard}"
    script:
        "../scripts/render_mixes.py"


rule figure_mix:
    input:
        made_library=made_library,
        made_songs=made_songs,
        sounds="results/library/sounds.tsv",
        songs="results/songs/songs.tsv",
        plan=PAPER_PLAN and PAPER_PLAN.format(split="test", shard="0000"),
        scenes=SCENES_PLAN and SCENES_PLAN.format(split="test", shard="0000"),
        modules_plan=MODULES_PLAN and MODULES_PLAN.format(split="test", shard="0000"),
        modules=MIXED_MODULES,
        made_modules=made_module_folders if MODULES_PLAN else [],
    output:
        report(
            figure("results/figures/figure2_mix"),
            caption="../report/figure2.rst",
            category="1. Sounds and mixes",
        ),
    log:
        "results/logs/figure_mix.log",
    benchmark:
        "results/benchmarks/figure_mix.tsv"
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(1000),
        runtime=per_attempt(10),
    params:
        spec=keys("mixes", *RENDERED_KEYS),
        scenes=SCENES_TRUTH,
        sounds=library_files,
        songs=song_files,
        modules=module_files if MODULES_PLAN else None,
        code=lambda wildcards: code_of("draw_mix.py", without=OTHER_STYLES),
    message:
        "Draw figure 2: a mix with its regions"
    script:
        "../scripts/draw_mix.py"
