"""Options and fixtures all tests share."""

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is slow now and then; a test must not fail for that. Speed is measured by `make bench`.
settings.register_profile("yusuan", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
settings.load_profile("yusuan")


def pytest_addoption(parser):
    parser.addoption("--golden", action="store_true", help="rewrite tests/golden (look at the printed pages before keeping them)")


@pytest.fixture
def rewrite(request) -> bool:
    return request.config.getoption("--golden")
