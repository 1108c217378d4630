"""The benchmarks can be run; what they measure, nothing asserts."""
