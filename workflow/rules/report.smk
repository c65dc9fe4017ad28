rule report_pages:
    input:
        tables=expand("results/evaluation/{finder}/table1.tsv", finder=IN_TABLE1),
        clips="results/clips.tsv",
    output:
        table1=report(
            "results/report/table1.html",
            caption="../report/table1.rst",
            category="3. Evaluation",
            subcategory="all models",
        ),
        clips=report(
            "results/report/clips.html",
            caption="../report/clips.rst",
            category="4. Clips",
        ),
    log:
        "results/logs/report_pages.log",
    benchmark:
        "results/benchmarks/report_pages.tsv"
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(500),
        runtime=per_attempt(10),
    params:
        models=IN_TABLE1,
        code=lambda wildcards: code_of("write_report_pages.py", without=["models"]),
    message:
        "Write the report's pages"
    script:
        "../scripts/write_report_pages.py"
