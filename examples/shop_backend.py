"""The shop's flow with Python's standard library alone.

    CHAT_SECRET=... python3 examples/shop_backend.py

CHAT_SECRET is JWT_SECRET of the service (`npm run dev` writes it into .dev.vars); CHAT_KEY is an API key instead.
CHAT_URL is the service, http://localhost:8787 unless it is set.
"""

import base64
import hashlib
import hmac
import json
import os
import time
import urllib.parse
import urllib.request

URL = os.environ.get("CHAT_URL", "http://localhost:8787") + "/api/v1"


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def credential() -> str:
    """An API key, or a server token that is signed with the secret of the service."""
    if "CHAT_KEY" in os.environ:
        return os.environ["CHAT_KEY"]
    claims = {"aud": "rocket-chat:server", "sub": "python-shop", "scope": "*", "exp": int(time.time()) + 3600}
    text = ".".join(encode(json.dumps(part).encode()) for part in ({"alg": "HS256"}, claims))
    key = os.environ["CHAT_SECRET"].encode()
    return text + "." + encode(hmac.new(key, text.encode(), hashlib.sha256).digest())


TOKEN = credential()


def ask(method: str, path: str, body=None, act_as: str | None = None):
    headers = {"Authorization": "Bearer " + TOKEN, "Content-Type": "application/json"}
    if act_as:
        headers["X-Act-As"] = urllib.parse.quote(act_as, safe="")
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(URL + path, data, headers, method=method)
    with urllib.request.urlopen(request) as response:
        text = response.read()
        return json.loads(text) if text else None


def main() -> None:
    order = int(time.time() * 1000)
    customer, seller = f"ext:customer-{order}", "ext:seller-1"
    users = [{"user_id": customer, "display_name": "Cleo"}, {"user_id": seller, "display_name": "Sam's Shop"}]
    ask("POST", "/server/users/batch", {"users": users})
    body = {"type": "group", "participants": [customer, seller], "external_id": f"order-{order}", "name": f"Order {order}"}
    conversation = ask("POST", "/server/conversations", body)["conversation_id"]
    assert ask("POST", "/server/conversations", body)["conversation_id"] == conversation
    messages = f"/server/conversations/{conversation}/messages"
    ask("POST", messages, {"system": {"event": "order.placed"}, "content": "The order was placed"})
    said = {"type": "text", "content": "When will it arrive?"}
    ask("POST", f"/conversations/{conversation}/messages", said, act_as=customer)
    ask("POST", messages, {"sender": seller, "content": "Tomorrow"})
    ask("POST", messages, {"system": {"event": "order.closed"}, "content": "The order is closed"})
    ask("PUT", f"/server/conversations/{conversation}", {"settings": {"only_admins_can_send": True}})
    for message in reversed(ask("GET", f"/conversations/{conversation}/messages", act_as=customer)["messages"]):
        print(f"{message['sender']['display_name']}: {message['content']}")


if __name__ == "__main__":
    main()
