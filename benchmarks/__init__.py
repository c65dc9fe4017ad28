"""Measure the speed of Deep Plunder beside that of the tools that one would use instead.

``python -m benchmarks NAME|all [--quick]`` runs them; README.md says what each measures.
"""

import os

# As in the jobs of the workflow. Threads of OpenBLAS that wait for work cost CPU time, of whichever
# side runs then.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
