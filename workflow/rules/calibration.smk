# Choose the decoder of a model, which turns outputs into clips with scores, on real music with
# exact truth.
rule calibrate:
    input:
        model="results/models/{model}/model.keras",
        bench=lambda wildcards: made_bench(config["calibration"]["bench"]),
        choices=[] if TRAINS_ON_CHOICES else CHOICES,
    output:
        model="results/calibration/{model}/model.keras",
        trials="results/calibration/{model}/trials.tsv",
        reliability="results/calibration/{model}/reliability.tsv",
        figure=report(
            figure("results/calibration/{model}/reliability"),
            caption="../report/reliability.rst",
            category="2. Training",
            subcategory="{model}",
        ),
    log:
        "results/logs/calibrate/{model}.log",
    benchmark:
        "results/benchmarks/calibrate/{model}.tsv"
    conda:
        environment("learning.yaml")
    threads: lambda wildcards: threads_of(wildcards.model)
    resources:
        mem_mb=lambda wildcards, attempt: mem_mb_of(wildcards.model) * attempt,
        runtime=per_attempt(240),
    params:
        name=config["calibration"]["bench"],
        bench=lambda wildcards: bench_place(config["calibration"]["bench"]),
        files=lambda wildcards: bench_files(config["calibration"]["bench"]),
        code=lambda wildcards: code_of_models("calibrate_model.py", wildcards.model),
    message:
        "Calibrate {wildcards.model} on real music"
    script:
        "../scripts/calibrate_model.py"
