"""Options and fixtures all tests share."""

import pytest


def pytest_addoption(parser):
    parser.addoption("--golden", action="store_true", help="rewrite tests/golden (look at the printed pages before keeping them)")


@pytest.fixture
def rewrite(request) -> bool:
    return request.config.getoption("--golden")
