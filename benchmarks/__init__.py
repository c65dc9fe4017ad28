"""Measure the speed of Deep Plunder beside that of its alternatives.

``python -m benchmarks NAME|all [--quick]`` runs the benchmarks. README.md describes each of them.
"""
