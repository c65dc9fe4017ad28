# The clips that a listener accepted and rejected, which train models or calibrate their scores.
rule choices:
    input:
        songs="results/songs/songs.tsv",
        splits="results/splits.tsv",
        made_songs=made_songs,
    output:
        choices="results/choices/choices.tsv",
        set_aside="results/choices/set_aside.tsv",
    log:
        "results/logs/choices.log",
    benchmark:
        "results/benchmarks/choices.tsv"
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(1000),
        runtime=per_attempt(60),
    params:
        files=config["choices"]["files"],
        content=choice_files,
        songs=song_files,
        benches={name: bench_folder(name) for name in of_kinds("bench")},
        code=lambda wildcards: code_of("find_choices.py"),
    message:
        "Find the songs of the accepted and rejected clips"
    script:
        "../scripts/find_choices.py"


rule choice_features:
    input:
        made_songs=made_songs,
        choices="results/choices/choices.tsv",
    output:
        features="results/choices/features.npy",
        labels="results/choices/features.labels.npy",
        sums="results/choices/features.sums.npy",
    log:
        "results/logs/choice_features.log",
    benchmark:
        "results/benchmarks/choice_features.tsv"
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(1000),
        runtime=per_attempt(60),
    params:
        duration_s=config["mixes"]["duration_s"],
        features=config["features"],
        content=choice_files,
        code=lambda wildcards: code_of("compute_choices.py"),
    message:
        "Compute features and labels of the accepted and rejected clips"
    script:
        "../scripts/compute_choices.py"
