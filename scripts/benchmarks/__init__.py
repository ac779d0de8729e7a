"""Benchmarks of WealthOS against peers and reference points; scripts/bench runs them and docs/PERFORMANCE.md shows them."""
