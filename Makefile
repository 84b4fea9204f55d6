# make：整理、检查、类型、测试。每个目标自己准备环境。
PY := .venv/bin/python
.PHONY: all test format lint types bench fuzz catch audit-catch bench-audit golden errors gallery samples clean

all: format lint types test

.venv/.dev: pyproject.toml
	@command -v python3 >/dev/null || { echo "需要 Python 3.11 或更新的版本"; exit 2; }
	@test -x $(PY) || python3 -m venv .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

test: .venv/.dev  ## 准备环境并运行全部测试
	$(PY) -m pytest -n auto $(ARGS)

format: .venv/.dev
	$(PY) -m ruff format generator tests bench
	$(PY) -m ruff check --fix generator tests bench

lint: .venv/.dev
	$(PY) -m ruff check generator tests bench

types: .venv/.dev
	$(PY) -m mypy

bench: .venv/.dev  ## 与朴素做法同场比较：一个单位、二十个单位；更多：make bench ARGS="--units 1 20 200 --jobs 1 2 --large 4"
	$(PY) -m bench
	$(PY) -m bench.batch $(ARGS)

fuzz: .venv/.dev  ## 几千个坏工作簿，不许出错、不许卡死
	$(PY) -m bench.fuzz

catch: .venv/.dev  ## 往样例里放各种单个错误，看抓住多少
	$(PY) -m bench.catch

audit-catch: .venv/.dev  ## 往做好的公开件里放各种单个错误，看审核抓住多少
	$(PY) -m bench.audit_catch

bench-audit: .venv/.dev  ## 审核一份 Word、Excel、PDF 要多久，每步多久；看花在哪里：make bench-audit ARGS="--profile pdf"
	$(PY) -m bench.audit_speed $(ARGS)

golden: .venv/.dev  ## 重写 tests/golden 下的文本（看过印出来的页面再提交）
	$(PY) -m pytest -q tests/test_golden.py --golden

errors: .venv/.dev  ## 把每种错误信息印到 docs/错误大全.md
	$(PY) -m tests.errors.gallery

gallery: .venv/.dev  ## 每种页面画一张到 docs/页面.md（要装 LibreOffice 和 poppler）
	$(PY) -m tests.pages.gallery

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache build dist
