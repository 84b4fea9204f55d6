"""Benchmarks: ratios measured in one run against a plain baseline. `make bench`."""
