# Finders that the run does not train as networks, and that a model should beat. They use the audio of
# the mixes.
rule train_forest:
    input:
        mixes=shards_of("train", "results/mixes/audio/{split}/{shard}"),
    output:
        forest="results/baselines/forest.npz",
    log:
        "results/logs/train_forest.log",
    benchmark:
        "results/benchmarks/train_forest.tsv"
    conda:
        environment("learning.yaml")
    threads: 4
    resources:
        mem_mb=per_attempt(4000),
        runtime=per_attempt(240),
    params:
        seed=config["seed"],
        code=lambda wildcards: code_of("train_forest.py"),
    message:
        "Train the random forest"
    script:
        "../scripts/train_forest.py"


rule evaluate_baseline:
    input:
        mixes=shards_of("test", "results/mixes/audio/{split}/{shard}"),
        plans=test_plans(),
        forest=forest_of,
    output:
        table1="results/evaluation/{baseline}/table1.tsv",
        clips="results/evaluation/{baseline}/clips.tsv",
        intervals="results/evaluation/{baseline}/intervals.tsv",
        per_file="results/evaluation/{baseline}/per_file.tsv",
    log:
        "results/logs/evaluate_baseline/{baseline}.log",
    benchmark:
        "results/benchmarks/evaluate_baseline/{baseline}.tsv"
    conda:
        environment("learning.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(120),
    params:
        features=config["features"],
        evaluation=keys("evaluation", "frame_threshold", "reference"),
        code=lambda wildcards: code_of(
            "evaluate_baseline.py", without=unused_by(wildcards.baseline)
        ),
    message:
        "Evaluate the baseline {wildcards.baseline}"
    script:
        "../scripts/evaluate_baseline.py"


rule evaluate_shipped:
    input:
        mixes=shards_of("test", "results/mixes/audio/{split}/{shard}"),
        plans=test_plans(),
    output:
        table1="results/evaluation/shipped/table1.tsv",
        clips="results/evaluation/shipped/clips.tsv",
        intervals="results/evaluation/shipped/intervals.tsv",
        per_file="results/evaluation/shipped/per_file.tsv",
    log:
        "results/logs/evaluate_shipped.log",
    benchmark:
        "results/benchmarks/evaluate_shipped.tsv"
    conda:
        environment("learning.yaml")
    threads: threads_of(SHIPPED)
    resources:
        mem_mb=lambda wildcards, attempt: mem_mb_of(SHIPPED) * attempt,
        runtime=per_attempt(120),
    params:
        features=config["features"],
        reference=config["evaluation"]["reference"],
        model=lambda wildcards: model_file(SHIPPED),
        weights=lambda wildcards: other_models(model_file(SHIPPED)),
        clips=keys(
            "extraction",
            "onset_threshold",
            "frame_threshold",
            "min_duration_s",
            "min_score",
        ),
        code=lambda wildcards: code_of("evaluate_shipped.py"),
    message:
        "Evaluate the model that ships"
    script:
        "../scripts/evaluate_shipped.py"
