rule split:
    input:
        sounds="results/library/sounds.tsv",
        songs="results/songs/songs.tsv",
        modules=MODULES_TABLE,
    output:
        splits="results/splits.tsv",
    log:
        "results/logs/split.log",
    benchmark:
        "results/benchmarks/split.tsv"
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(1000),
        runtime=per_attempt(10),
    params:
        seed=config["seed"],
        split=config["split"],
        module_shares=[config["modules"]["validation"], config["modules"]["test"]],
        code=lambda wildcards: code_of("split_items.py"),
    message:
        "Divide sounds and songs among train, validation and test"
    script:
        "../scripts/split_items.py"
