"""The web server: workers, time-outs, log format.  Read by gunicorn; `make run` starts it through the supervisor."""

import logging
import os
from typing import TYPE_CHECKING

from gunicorn.workers import gthread

from settings import Settings
from supervisor import end_with_parent

if TYPE_CHECKING:
    from gunicorn.arbiter import Arbiter
    from gunicorn.workers.base import Worker

gthread.STOP_KEEPALIVE_LINGER = 0.2
"""Browsers keep connections open; a server that stops does not wait 2 s for what they might still ask."""
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
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
        "json": {"format": "%(message)s"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
        "audit": {"class": "logging.StreamHandler", "formatter": "json"},
    },
    "root": {"level": "WARNING", "handlers": ["stderr"]},
    "loggers": {
        "gunicorn.error": {"level": "WARNING", "handlers": ["stderr"], "propagate": False},
        "barograph.audit": {"level": "INFO", "handlers": ["audit"], "propagate": False},
    },
}


def post_fork(server: "Arbiter", worker: "Worker") -> None:  # noqa: ARG001 - gunicorn calls it so
    """A killed master takes its workers along."""
    end_with_parent()


def post_worker_init(worker: "Worker") -> None:
    """Tell the live hub of the worker: streams end when it stops, or each would hold it up for 10 s."""
    from api.stream import hub_of  # noqa: PLC0415 - the master must not load what a reload loads anew

    hub_of(worker.wsgi).alive = lambda: worker.alive


def worker_exit(server: "Arbiter", worker: "Worker") -> None:  # noqa: ARG001 - gunicorn calls it so
    """End at once when the requests are answered: taking the interpreter apart would cost a second.

    One that failed ends with its own code; and gunicorn calls this in its master too.
    """
    if worker.pid == os.getpid() and not worker.alive:
        logging.shutdown()
        os._exit(0)
