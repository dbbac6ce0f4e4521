"""The door for machines: /api/v1, its OpenAPI description, and /healthz."""

from api.routes import ROUTES, register_api

__all__ = ["ROUTES", "register_api"]
