"""The web server: workers, time-outs, log format.  Read by gunicorn; `make run` starts it through the supervisor."""

from typing import TYPE_CHECKING

from settings import Settings
from supervisor import end_with_parent

if TYPE_CHECKING:
    from gunicorn.arbiter import Arbiter
    from gunicorn.workers.base import Worker

_settings = Settings.from_environment()
bind = f"{_settings.host}:{_settings.port}"
worker_class = "gthread"
workers = 2
threads = 128
"""Each open event stream holds a thread."""
timeout = 60
graceful_timeout = 10
keepalive = 15
control_socket_disable = True
"""It would open a socket in the home folder."""
accesslog = None
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"level": "WARNING", "handlers": ["stderr"]},
    "loggers": {"gunicorn.error": {"level": "WARNING", "handlers": ["stderr"], "propagate": False}},
}


def post_fork(server: "Arbiter", worker: "Worker") -> None:  # noqa: ARG001 - gunicorn calls it so
    """A killed master takes its workers along."""
    end_with_parent()
