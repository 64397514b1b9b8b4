# syntax=docker/dockerfile:1

# Builds the environment: locked dependencies by hash, then the gateway as a wheel.
FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
RUN python -m venv /opt/gateway
COPY requirements/runtime.lock requirements/
RUN /opt/gateway/bin/pip install --require-hashes -r requirements/runtime.lock
COPY pyproject.toml README.md LICENSE ./
COPY schemas schemas
COPY adapters adapters
COPY emulators emulators
COPY gateway gateway
RUN pip wheel --no-deps --wheel-dir /build/wheel . \
    && /opt/gateway/bin/pip install --no-deps /build/wheel/*.whl

# Runs it: no compiler, no package index, no root.
FROM python:3.12-slim
ENV PATH=/opt/gateway/bin:$PATH PYTHONUNBUFFERED=1 WORKFLOW_GATEWAY_CONFIG=/etc/workflow-gateway/gateway.yaml
RUN useradd --system --uid 10001 --no-create-home gateway
COPY --from=build /opt/gateway /opt/gateway
COPY config/gateway.yaml /etc/workflow-gateway/gateway.yaml
COPY config/vendors /etc/workflow-gateway/vendors
USER 10001
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/readyz', timeout=2)"]
# Beyond loopback the gateway insists on at least one caller in the configuration.
CMD ["workflow-gateway", "serve", "--host", "0.0.0.0", "--port", "8080"]
