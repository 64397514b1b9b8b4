"""nginx as a cache and as a forwarder, with one worker: what a server in C makes of the same work."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bench.processes import SERVER_CORE, Child, free_port, serving

CONFIG: Final = """\
{user}daemon off;
master_process off;
worker_processes 1;
pid {folder}/pid;
error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  default_type application/json;
  keepalive_requests 100000000;
  tcp_nodelay on;
  sendfile on;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  open_file_cache max=1000 inactive=1h;
  proxy_cache_path {folder}/kept keys_zone=bench:10m max_size=1g inactive=1h;
  upstream behind {{
    server 127.0.0.1:{upstream};
    keepalive 128;
    keepalive_requests 100000000;
  }}
  server {{
    listen 127.0.0.1:{port};
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    location = / {{ return 200; }}
    location / {{
      proxy_pass http://behind;
{caching}
    }}
  }}
}}
"""
CACHING: Final = """\
      proxy_cache bench;
      proxy_cache_valid 200 1h;
      proxy_ignore_headers Cache-Control Expires;
      add_header Cache-Status $upstream_cache_status;
"""


@contextlib.contextmanager
def nginx(upstream: int, *, caching: bool) -> Iterator[Child]:
    """Run nginx on the server's core in front of a port; it keeps what it gets when `caching`."""
    port = free_port()
    user = "user root;\n" if os.geteuid() == 0 else ""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "nginx.conf"
        text = CONFIG.format(
            user=user, folder=folder, upstream=upstream, port=port, caching=CACHING if caching else ""
        )
        config.write_text(text, encoding="utf-8")
        command = ("nginx", "-e", "stderr", "-c", str(config))
        with serving(command, port, core=SERVER_CORE, name="nginx") as child:
            yield child
