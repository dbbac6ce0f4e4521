"""Wiring: callbacks, layouts, routes and roles fit together, and two applications share nothing."""

import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING, Any

import dash
import pytest
from dash.development.base_component import Component

from access.guard import CALLBACK_ENDPOINT, DASH_ENDPOINTS
from access.roles import ROLES, required_role
from app import create_app
from data_access.queries import load_cells
from data_access.writes import create_cell
from layouts import PAGES, ids, settings_ids, shell
from settings import Settings

if TYPE_CHECKING:
    from dash import Dash
    from flask.testing import FlaskClient
    from sqlalchemy import Engine


def _ids(component: Component) -> Iterator[str]:
    for part in (component, *component._traverse()):
        name = getattr(part, "id", None)
        if name is not None:
            yield json.dumps(name, sort_keys=True) if isinstance(name, dict) else name


def _named_in_callbacks(app: "Dash") -> Iterator[str]:
    for callback in app._callback_list:
        for part in (*callback["inputs"], *callback["state"]):
            yield part["id"]
        for output in callback["output"].strip(".").split("..."):
            if output and not callback["no_output"]:
                yield output.rsplit(".", 1)[0].replace("\\", "")


def test_every_id_that_a_callback_names_stands_in_a_layout(app: "Dash") -> None:
    """A misspelt id would leave a control dead without a word."""
    there = set(_ids(shell.validation_layout()))
    named = {name for name in _named_in_callbacks(app) if not name.startswith("{")}
    assert named - there == set()


def test_every_pattern_that_a_callback_names_comes_from_the_table_of_ids(app: "Dash") -> None:
    """A pattern id, {"type": ..., "index": ALL}, is made by a function of layouts/ids.py or settings_ids.py."""
    text = "".join(Path(str(module.__file__)).read_text(encoding="utf-8") for module in (ids, settings_ids))
    kinds = {json.loads(name).get("type") for name in _named_in_callbacks(app) if name.startswith("{")}
    assert {kind for kind in kinds if kind and f'"{kind}"' not in text} == set()


@pytest.mark.parametrize("page", PAGES.values(), ids=lambda page: page.name)
def test_ids_are_unique_in_the_frame_with_each_page(page: Any) -> None:
    """Two components with one id, and the browser updates neither."""
    counted = Counter([*_ids(shell.layout()), *_ids(page.layout())])
    assert [name for name, times in counted.items() if times > 1] == []


def test_every_callback_declares_a_role(app: "Dash") -> None:
    """Dash runs any callback for any client: the guard denies one without a role."""
    served = {output: entry["callback"] for output, entry in app.callback_map.items() if "callback" in entry}
    assert [output for output, function in served.items() if required_role(function) not in ROLES] == []


def test_every_route_declares_a_role(app: "Dash") -> None:
    """Flask's own folder `static` is not used and stays closed."""
    routes = app.server.view_functions.items()
    declared = {*DASH_ENDPOINTS, CALLBACK_ENDPOINT, "static"}
    assert [name for name, view in routes if name not in declared and required_role(view) is None] == []


def test_two_applications_in_one_process_share_nothing(app: "Dash", engine: "Engine", tmp_path: Path) -> None:
    """Each has its own database, callbacks and pages; the first is not changed by the second."""
    before = set(app.callback_map)
    other = create_app(Settings.from_environment({"BAROGRAPH_DATA_DIR": str(tmp_path / "other")}))
    assert other.server is not app.server
    assert set(other.callback_map) == before
    assert other.callback_map is not app.callback_map
    create_cell(engine, {"name": "only here"})
    names = [cell["name"] for cell in app.server.test_client().get("/api/v1/cells").get_json()["cells"]]
    assert names == [cell.name for cell in load_cells(engine)] == ["only here"]
    assert other.server.config["SQLALCHEMY_DATABASE_URI"] != app.server.config["SQLALCHEMY_DATABASE_URI"]


def test_the_first_requests_may_come_at_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that has just begun knows every script and callback, whichever of its requests is answered first."""
    make = dash.Dash._generate_scripts_html

    def slowly(self: dash.Dash) -> str:
        time.sleep(0.3)
        return make(self)

    monkeypatch.setattr(dash.Dash, "_generate_scripts_html", slowly)
    known = create_app(settings).server.test_client().get("/").get_data(as_text=True)
    scripts = re.findall(r'src="(/_dash-component-suites/[^"]+)"', known)
    assert scripts
    server = create_app(settings).server
    together = Barrier(8)

    def ask(number: int) -> int:
        together.wait()
        answer: int = server.test_client().get(scripts[number % len(scripts)]).status_code
        return answer

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {200}


def test_importing_the_application_opens_no_database() -> None:
    """`app.server` builds it only when a WSGI server asks."""
    import app as module  # noqa: PLC0415

    assert "server" not in vars(module)
    with pytest.raises(AttributeError):
        _ = module.nothing


@pytest.mark.parametrize("page", PAGES.values(), ids=lambda page: page.name)
def test_every_page_is_served_with_its_security_headers(page: Any, client: "FlaskClient") -> None:
    """The frame comes with the policy; what it shows comes by callbacks."""
    answer = client.get(page.path.replace("<cell_id>", "1"))
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_policy_knows_every_inline_script_of_the_page(app: "Dash", client: "FlaskClient") -> None:
    """A clientside callback that was registered after the policy was made would be blocked in the browser."""
    policy = client.get("/").headers["Content-Security-Policy"]
    for script_hash in app.csp_hashes():
        assert script_hash in policy


def test_bundles_whose_address_changes_with_their_content_are_kept_for_a_year(client: "FlaskClient") -> None:
    """12 MB of JavaScript are loaded once; nothing foreign is loaded at all."""
    page = client.get("/").get_data(as_text=True)
    sources = [part.split('"', 1)[0] for part in page.split('src="')[1:]]
    bundles = [source for source in sources if source.startswith("/_dash-component-suites/")]
    assert bundles
    assert [source for source in sources if not source.startswith("/")] == []
    kept = client.get(bundles[0], headers={"Accept-Encoding": "br"})
    assert "max-age=31536000" in kept.headers["Cache-Control"]
    assert kept.headers["Content-Encoding"] == "br"


def test_a_foreign_host_name_is_not_answered(client: "FlaskClient") -> None:
    """DNS rebinding: a page of evil.example that resolves to 127.0.0.1 gets nothing."""
    assert client.get("/api/v1/cells", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/api/v1/cells", headers={"Host": "localhost:8050"}).status_code == 200


def test_dash_serves_no_machine_protocol_of_its_own(client: "FlaskClient") -> None:
    """`enable_mcp=False`: POST /_mcp is not answered."""
    answer = client.post("/_mcp", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    assert answer.status_code in {404, 405}


def test_an_unknown_callback_is_refused_without_an_error_in_the_server(client: "FlaskClient") -> None:
    """Dash alone answers 500."""
    body = {"output": "nothing.children", "outputs": {"id": "nothing", "property": "children"}, "inputs": []}
    assert client.post("/_dash-update-component", json=body).status_code == 400
