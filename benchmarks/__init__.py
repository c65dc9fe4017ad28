"""Measure the speed of Deep Plunder beside that of the tools that one would use instead.

``python -m benchmarks NAME|all [--quick]`` runs them; README.md says what each measures.
"""
