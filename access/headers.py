"""Headers of every answer: what the browser may load and run, and what may be kept (RELIABILITY sections 4 and 5.7)."""

from collections.abc import Sequence

from flask import Flask, Response, request

from access.guard import DASH_ENDPOINTS

SCRIPTS, ASSETS = "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>", "_dash_assets.static"
_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=()",
}


def content_security_policy(script_hashes: Sequence[str]) -> str:
    """Return the policy that was tried with every component in use.

    'unsafe-inline' for styles only: Mantine and Plotly set styles on elements; scripts are the server's own.
    """
    directives = {
        "default-src": "'none'",
        "script-src": " ".join(["'self'", *script_hashes]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "connect-src": "'self'",
        "font-src": "'self' data:",
        "manifest-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "frame-src": "'none'",
        "frame-ancestors": "'none'",
        "form-action": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def install_headers(server: Flask, script_hashes: Sequence[str]) -> None:
    """Put the security headers on every answer, and say what browsers may keep.

    Call it after all callbacks are registered: inline clientside callbacks change the hashes.
    """
    policy = content_security_policy(script_hashes)

    def set_headers(response: Response) -> Response:
        for name, value in _FIXED.items():
            response.headers.setdefault(name, value)  # a form says another Referrer-Policy, or its Origin would be null
        response.headers["Content-Security-Policy"] = policy
        response.headers["Cache-Control"] = _cache_control(response)
        return response

    server.after_request(set_headers)


def _cache_control(response: Response) -> str:
    """Keep data nowhere, and files whose address changes with their content for a year."""
    if DASH_ENDPOINTS.get(request.endpoint or "") != "anyone":
        return "no-store"
    fingerprinted = request.endpoint == SCRIPTS and response.cache_control.max_age
    versioned = request.endpoint == ASSETS and "m" in request.args
    return "public, max-age=31536000, immutable" if fingerprinted or versioned else "no-cache"
