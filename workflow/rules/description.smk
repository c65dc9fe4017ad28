# The forest that recognises the class of a clip. `extraction.classifier` may name it; otherwise the
# one that ships is used, and this is no target of `all`.
rule train_classes:
    input:
        made=made_library,
        sounds="results/library/sounds.tsv",
    output:
        forest="results/classes/classes.npz",
        scores="results/classes/classes.tsv",
        confusion="results/classes/confusion.tsv",
    log:
        "results/logs/train_classes.log",
    benchmark:
        "results/benchmarks/train_classes.tsv"
    conda:
        environment("learning.yaml")
    threads: 2
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(60),
    params:
        files=library_files,
        code=lambda wildcards: code_of("train_classes.py"),
    message:
        "Train the forest that recognises the class of a sound"
    script:
        "../scripts/train_classes.py"
