rule evaluate:
    input:
        model=lambda wildcards: made_models(model_file(wildcards.model)),
        features=features_of("test"),
        labels=labels_of("test"),
        regions=regions_of("test"),
        plans=test_plans(),
    output:
        table1="results/evaluation/{model}/table1.tsv",
        table1_md="results/evaluation/{model}/table1.md",
        per_file="results/evaluation/{model}/per_file.tsv",
        clips="results/evaluation/{model}/clips.tsv",
        intervals="results/evaluation/{model}/intervals.tsv",
        areas="results/evaluation/{model}/areas.tsv",
        curves="results/evaluation/{model}/curves.tsv",
        figure5=report(
            figure("results/evaluation/{model}/figure5_precision_recall"),
            caption="../report/figure5.rst",
            category="3. Evaluation",
            subcategory="{model}",
        ),
        figure6=report(
            figure("results/evaluation/{model}/figure6_roc"),
            caption="../report/figure6.rst",
            category="3. Evaluation",
            subcategory="{model}",
        ),
    log:
        "results/logs/evaluate/{model}.log",
    benchmark:
        "results/benchmarks/evaluate/{model}.tsv"
    conda:
        environment("learning.yaml")
    threads: lambda wildcards: threads_of(wildcards.model)
    resources:
        mem_mb=lambda wildcards, attempt: mem_mb_of(wildcards.model) * attempt,
        runtime=per_attempt(120),
    params:
        model=lambda wildcards: found(model_file(wildcards.model)),
        weights=lambda wildcards: other_models(model_file(wildcards.model)),
        evaluation=config["evaluation"],
        clips=keys(
            "extraction",
            "onset_threshold",
            "frame_threshold",
            "min_duration_s",
            "min_score",
        ),
        code=lambda wildcards: code_of_models("evaluate_model.py", wildcards.model),
    message:
        "Evaluate {wildcards.model}"
    script:
        "../scripts/evaluate_model.py"


rule compare:
    input:
        tables=expand("results/evaluation/{finder}/table1.tsv", finder=IN_TABLE1),
    output:
        table="results/evaluation/summary.tsv",
        markdown="results/evaluation/summary.md",
    log:
        "results/logs/compare.log",
    benchmark:
        "results/benchmarks/compare.tsv"
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(500),
        runtime=per_attempt(10),
    params:
        models=IN_TABLE1,
        code=lambda wildcards: code_of("compare_models.py"),
    message:
        "Compare all models with the paper"
    script:
        "../scripts/compare_models.py"
