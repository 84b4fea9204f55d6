"""The checks: plain functions over tables, facts and text that yield findings. Each says in its docstring what it holds for wrong."""
