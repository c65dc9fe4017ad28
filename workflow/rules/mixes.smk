rule plan:
    input:
        sounds="results/library/sounds.tsv",
        songs="results/songs/songs.tsv",
        splits="results/splits.tsv",
    output:
        plan="results/mixes/plan/{split}/{shard}.tsv",
    log:
        "results/logs/plan/{split}/{shard}.log",
    benchmark:
        "results/benchmarks/plan/{split}/{shard}.tsv"
    conda:
        "../../envs/audio.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        seed=config["seed"],
        mixes=lambda wildcards: mixes_of(wildcards.split, wildcards.shard),
        spec=keys("mixes", *MIX_KEYS),
        code=code_of("plan_mixes.py"),
    message:
        "Plan the mixes of {wildcards.split} {wildcards.shard}"
    script:
        "../scripts/plan_mixes.py"


rule render:
    input:
        folder=library_folder,
        folders=song_folders,
        sounds="results/library/sounds.tsv",
        songs="results/songs/songs.tsv",
        plan="results/mixes/plan/{split}/{shard}.tsv",
    output:
        mixes=directory("results/mixes/audio/{split}/{shard}"),
        rejected="results/mixes/rejected/{split}/{shard}.tsv",
    log:
        "results/logs/render/{split}/{shard}.log",
    benchmark:
        "results/benchmarks/render/{split}/{shard}.tsv"
    conda:
        "../../envs/audio.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        spec=keys("mixes", *MIX_KEYS),
        sounds=library_files,
        songs=song_files,
        code=code_of("render_mixes.py"),
    message:
        "Render the mixes of {wildcards.split} {wildcards.shard}"
    script:
        "../scripts/render_mixes.py"


rule figure_mix:
    input:
        folder=library_folder,
        folders=song_folders,
        sounds="results/library/sounds.tsv",
        songs="results/songs/songs.tsv",
        plan="results/mixes/plan/test/0000.tsv",
    output:
        report(
            "results/figures/figure2_mix.png",
            caption="../report/figure2.rst",
            category="1. Sounds and mixes",
        ),
    log:
        "results/logs/figure_mix.log",
    benchmark:
        "results/benchmarks/figure_mix.tsv"
    conda:
        "../../envs/audio.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        spec=keys("mixes", *MIX_KEYS),
        sounds=library_files,
        songs=song_files,
        code=code_of("draw_mix.py"),
    message:
        "Draw figure 2: a mix with its regions"
    script:
        "../scripts/draw_mix.py"
