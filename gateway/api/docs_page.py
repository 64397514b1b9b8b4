"""The documentation page under `/docs`: Swagger UI out of a package, without a request to anyone else."""

from fastapi import FastAPI, Response
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from gateway.security_headers import page_policy

ASSETS = "/docs/assets"


def install(application: FastAPI) -> None:
    """Serve the page and what it needs."""
    application.mount(ASSETS, StaticFiles(packages=[("fastapi_swagger", "resources")]), name="docs_assets")

    shown = get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="workflow-gateway",
        swagger_js_url=f"{ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{ASSETS}/favicon-32x32.png",
        swagger_ui_parameters={"persistAuthorization": True, "displayRequestDuration": True},
    )
    body = bytes(shown.body)
    headers = {"content-security-policy": page_policy(body)}

    @application.get("/docs", include_in_schema=False)
    async def page() -> Response:
        return HTMLResponse(body, headers=headers)
