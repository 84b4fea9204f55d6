"""yusuan（预算）：一个主工作簿进，一套部门预算公开表和说明出。

The road of the data: read → bind → check → build → render → audit; see docs/设计.md.
"""

__version__ = "0.1.0"
