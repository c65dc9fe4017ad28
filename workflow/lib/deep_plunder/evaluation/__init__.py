"""Scores: Table 1, curves, baselines and benches of real music.

- `baselines`: Baselines for comparison with models.
- `bench`: Benches: real music with exact truth, and scores of the regions found in it.
- `curves`: Precision-recall and ROC curves over frames.
- `evaluate`: Evaluate a model on the test mixes: Table 1, its clips, figures 5 and 6.
- `figures`: Figures 5 and 6: precision-recall and ROC curves of onsets and frames.
- `finders`: Score finders with features of their own on the test mixes: baselines, the shipped
  model.
- `intervals`: Compute intervals of mean scores by a bootstrap over songs and mixes.
- `probes`: Probes: one-shots alone, in company and under noise, and songs changed inaudibly.
- `scoring`: Score the regions found in each test mix, and write the tables of scores.
- `spec`: The settings of the evaluation, and the names of the baselines.
- `summary`: Write the scores of all models beside the paper's Table 1, as text and as a page.
- `table1`: Score decoded intervals against the truth: Table 1 of the paper, and clips.
- `usable`: Constants that define usable clips and found regions, for all scores.
"""
