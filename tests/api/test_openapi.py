"""The description of the API is complete and consistent."""

from typing import TYPE_CHECKING

from api.openapi import describe
from api.routes import ROUTES
from ingest.readers import PROFILES
from pressiometry.columns import CYCLE_COLUMNS, RECORD_COLUMNS

if TYPE_CHECKING:
    from dash import Dash
    from flask.testing import FlaskClient


def test_every_route_of_the_server_is_described(app: "Dash") -> None:
    """A route outside the table would be unknown to clients and to the reference."""
    served = {str(rule) for rule in app.server.url_map.iter_rules() if str(rule).startswith(("/api", "/healthz"))}
    assert served - {"/api/<path:path>"} == {route.path for route in ROUTES}


def test_every_reference_in_the_description_leads_somewhere() -> None:
    """No schema is missing."""
    document = describe(ROUTES)
    text = str(document)
    named = {part.split("'")[0] for part in text.split("#/components/schemas/")[1:]}
    assert named <= set(document["components"]["schemas"])


def test_operations_have_one_name_each() -> None:
    """Clients are generated from them."""
    names = [operation["operationId"] for path in describe(ROUTES)["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))


def test_columns_of_records_and_cycles_are_described_with_their_units() -> None:
    """From the one table of columns."""
    schemas = describe(ROUTES)["components"]["schemas"]
    assert set(schemas["CycleRow"]["properties"]) == set(CYCLE_COLUMNS)
    assert set(schemas["Records"]["properties"]) == {"meta", *RECORD_COLUMNS}
    assert "MPa" in schemas["CycleRow"]["properties"]["p_eoc_mpa"]["description"]


def test_the_description_is_served(client: "FlaskClient") -> None:
    """At /api/v1/openapi.json."""
    assert client.get("/api/v1/openapi.json").get_json() == describe(ROUTES)


def test_the_formats_are_listed(client: "FlaskClient") -> None:
    """Every one that is recognised, by name and title."""
    profiles = client.get("/api/v1/profiles").get_json()["profiles"]
    assert [(one["name"], one["title"]) for one in profiles] == [(one.name, one.title) for one in PROFILES]


def test_what_an_upload_takes_and_answers_is_described() -> None:
    """200 where the bytes were there already, a form as well as bytes; refusals that any request can meet."""
    paths = describe(ROUTES)["paths"]
    upload = paths["/api/v1/cells/{cell_id}/files"]["post"]
    assert {"200", "202", "400", "403", "404", "413", "422", "507"} <= set(upload["responses"])
    assert set(upload["requestBody"]["content"]) == {"application/octet-stream", "multipart/form-data"}
    assert {"400", "403", "404", "409", "422", "428"} <= set(paths["/api/v1/cells/{cell_id}"]["patch"]["responses"])
