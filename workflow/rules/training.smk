rule train:
    input:
        train=features_of("train"),
        train_labels=labels_of("train"),
        validation=features_of(VALIDATION_SPLIT),
        validation_labels=labels_of(VALIDATION_SPLIT),
        choices=CHOICE_FEATURES,
        choice_labels=CHOICE_LABELS,
        models=lambda wildcards: made_models(*models_before(wildcards.model)),
    output:
        model="results/models/{model}/model.keras",
        history="results/models/{model}/history.tsv",
    log:
        "results/logs/train/{model}.log",
    benchmark:
        "results/benchmarks/train/{model}.tsv"
    wildcard_constraints:
        model="|".join(TRAINED) or "none",
    conda:
        environment("learning.yaml")
    threads: 8
    resources:
        mem_mb=per_attempt(6000),
        # At any attempt, since a training goes on at its checkpoint. Slurm lets a job that asks for
        # more than its partition allows wait for ever, and a day is a usual limit.
        runtime=1440,
        # The GPUs that the training must have. With 0 it takes one if there is one.
        gpu=0,
    params:
        seed=lambda wildcards: seed_of(wildcards.model),
        model=lambda wildcards: config["models"][wildcards.model],
        start=lambda wildcards: start_of(wildcards.model),
        teachers=lambda wildcards: teachers_of(wildcards.model),
        weights=lambda wildcards: other_models(*models_before(wildcards.model)),
        features=config["features"],
        choice_share=config["choices"]["share"],
        code=lambda wildcards: code_of_models(
            "train_model.py", wildcards.model, *trained_from(wildcards.model)
        ),
    message:
        "Train {wildcards.model}"
    script:
        "../scripts/train_model.py"


rule figure_network:
    output:
        figure=report(
            figure("results/models/{model}/figure3_network"),
            caption="../report/figure3.rst",
            category="2. Training",
            subcategory="{model}",
        ),
    log:
        "results/logs/figure_network/{model}.log",
    benchmark:
        "results/benchmarks/figure_network/{model}.tsv"
    conda:
        environment("learning.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(10),
    params:
        architecture=lambda wildcards: config["models"][wildcards.model]["architecture"],
        sizes=lambda wildcards: config["models"][wildcards.model]["sizes"],
        features=config["features"],
        code=lambda wildcards: code_of_models("draw_network.py", wildcards.model),
    message:
        "Draw figure 3: the network of {wildcards.model}"
    script:
        "../scripts/draw_network.py"


rule figure_losses:
    input:
        history="results/models/{model}/history.tsv",
    output:
        report(
            figure("results/models/{model}/figure4_losses"),
            caption="../report/figure4.rst",
            category="2. Training",
            subcategory="{model}",
        ),
    log:
        "results/logs/figure_losses/{model}.log",
    benchmark:
        "results/benchmarks/figure_losses/{model}.tsv"
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(500),
        runtime=per_attempt(10),
    params:
        select_by=lambda wildcards: training_of(wildcards.model)["select_by"],
        code=lambda wildcards: code_of("draw_losses.py"),
    message:
        "Draw figure 4: losses of {wildcards.model}"
    script:
        "../scripts/draw_losses.py"
