"""A resource authorization server on Authlib, and the MCP endpoints that it guards.

The first line of stdin is the configuration; what happens is told as one JSON object a line on stdout.
"""

import json
import os
import secrets
import sys
import threading
import time

import requests
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.drafts import IDJAGGrant
from flask import Flask, jsonify, request
from joserfc.jwk import KeySet
from werkzeug.serving import WSGIRequestHandler, make_server

config = json.loads(sys.stdin.readline())
app = Flask(__name__)
app.config["OAUTH2_SCOPES_SUPPORTED"] = ["read", "write"]
server = make_server(
    "127.0.0.1", 0, app, threaded=True,
    ssl_context=(config["certificate"], config["key"]),
    request_handler=type("Quiet", (WSGIRequestHandler,), {"log": lambda *_: None}),
)
ISSUER = f"https://localhost:{server.server_port}"
PATHS = config["paths"]
tokens, used = {}, set()


def tell(event, **more):
    print(json.dumps({"event": event, **more}), flush=True)


class Client:
    """The one registered client."""

    def get_client_id(self):
        return config["client"]

    def check_client_secret(self, secret):
        return secrets.compare_digest(secret, config["secret"])

    def check_endpoint_auth_method(self, method, _endpoint):
        return method == config["method"]

    def check_grant_type(self, grant):
        return grant == IDJAGGrant.GRANT_TYPE

    def get_allowed_scope(self, scope):
        return " ".join(name for name in (scope or "").split() if name in app.config["OAUTH2_SCOPES_SUPPORTED"])


class Grant(IDJAGGrant):
    """What Authlib leaves to the server: whom it trusts, and what it saw before."""

    TOKEN_ENDPOINT_AUTH_METHODS = [config["method"]]

    def get_audiences(self):
        return [ISSUER]

    def resolve_issuer_key(self, issuer, _headers):
        if issuer != config["issuer"]:
            raise ValueError("this issuer is not trusted")
        return KeySet.import_key_set(requests.get(f"{issuer}/jwks", verify=config["authority"], timeout=5).json())

    def authenticate_user(self, subject):
        return subject

    def check_jti(self, _claims, jti):
        fresh = jti not in used
        used.add(jti)
        return fresh

    def check_id_jag_permission(self, _client, _user, _scopes):
        return self.request.id_jag_claims.get("resource") in [ISSUER + path for path in PATHS]


def save(token, asked):
    kept = dict(token, person=asked.user, resource=asked.id_jag_claims["resource"], until=time.time() + token["expires_in"])
    tokens[token["access_token"]] = kept
    tell("redeemed", person=asked.user, resource=kept["resource"], scope=token.get("scope"), form=sorted(request.form))


authorization = AuthorizationServer(app, query_client=lambda name: Client() if name == config["client"] else None, save_token=save)
authorization.register_grant(Grant)


@app.post("/token")
def redeem():
    response = authorization.create_token_response()
    if response.status_code != 200:
        tell("refused", status=response.status_code, body=response.get_json(silent=True))
    return response


@app.get("/.well-known/oauth-authorization-server")
def metadata():
    return jsonify(
        issuer=ISSUER,
        token_endpoint=f"{ISSUER}/token",
        response_types_supported=[],
        grant_types_supported=[IDJAGGrant.GRANT_TYPE],
        authorization_grant_profiles_supported=["urn:ietf:params:oauth:grant-profile:id-jag"],
        token_endpoint_auth_methods_supported=[config["method"]],
    )


@app.get("/.well-known/oauth-protected-resource/<path:path>")
def resource(path):
    if f"/{path}" not in PATHS:
        return "", 404
    return jsonify(resource=f"{ISSUER}/{path}", authorization_servers=[ISSUER], scopes_supported=["read", "write"])


def mcp():
    token = tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
    if not token or token["until"] < time.time() or token["resource"] != ISSUER + request.path:
        hint = f'{ISSUER}/.well-known/oauth-protected-resource{request.path}'
        return jsonify(error="invalid_token"), 401, {"WWW-Authenticate": f'Bearer error="invalid_token", resource_metadata="{hint}"'}
    message = request.get_json()
    results = {
        "initialize": lambda: dict(
            protocolVersion="2025-11-25", capabilities=dict(tools={}), serverInfo=dict(name="peer", version="1")),
        "tools/list": lambda: dict(tools=[dict(name="whoami", inputSchema=dict(type="object"))]),
        "tools/call": lambda: dict(content=[dict(type="text", text=f"{token['person']} may {token.get('scope')}")]),
    }
    if message["method"].startswith("notifications/"):
        return "", 202
    if message["method"] not in results:
        return jsonify(jsonrpc="2.0", id=message.get("id"), error=dict(code=-32601, message="There is no such method."))
    tell("called", method=message["method"], path=request.path)
    return jsonify(jsonrpc="2.0", id=message.get("id"), result=results[message["method"]]())


for each in PATHS:
    app.add_url_rule(each, view_func=mcp, methods=["POST"], endpoint=each)


def until_stdin_ends():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=until_stdin_ends, daemon=True).start()
tell("listening", issuer=ISSUER)
server.serve_forever()
