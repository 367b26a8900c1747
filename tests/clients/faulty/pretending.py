"""A program that does as an SDK would, without one: it sends what it is told to, and again where it is refused, three times in all."""

from __future__ import annotations

import json
import sys
import threading
import time
import urllib.error
import urllib.request

ATTEMPTS = 3


def url_of(job):
    if job["call"] == "generate_content":
        return f"{job['base_url']}/{job['api_version'] or 'v1'}/models/{job['model']}:generateContent"
    return f"{job['base_url']}/images/{job['call'].partition('.')[2]}s"


def sent(job):
    headers = {"Content-Type": "application/json", "x-goog-api-key": job["key"], "Authorization": f"Bearer {job['key']}", "User-Agent": "pretender/1"}
    request = urllib.request.Request(url_of(job), json.dumps(job["body"]).encode(), {**headers, **job["headers"]}, method="POST")
    with urllib.request.urlopen(request, timeout=job["timeout"]) as answer:
        parts = json.load(answer)["candidates"][0]["content"]["parts"]
        return [{"base64": part["inlineData"]["data"], "media_type": "image/png"} for part in parts if "inlineData" in part]


def done(job):
    raised = None
    for _ in range(ATTEMPTS if job["retries"] is None else job["retries"] + 1):
        try:
            return {"images": sent(job), "raised": None}
        except urllib.error.HTTPError as error:
            kind = "ServerError" if error.code >= 500 else "ClientError"
            raised = {"class": kind, "classes": [kind, "Exception"], "status": error.code, "message": error.read().decode()[:2000]}
            if error.code != 429 and error.code < 500:
                break
            if job["retries"] is None:
                time.sleep(float(error.headers.get("Retry-After", "0")))
        except OSError as error:
            raised = {"class": "ConnectError", "classes": ["ConnectError", "Exception"], "status": None, "message": str(error)}
    return {"images": [], "raised": raised}


def reply(line, lock):
    job = json.loads(line)
    text = json.dumps({"id": job["id"], "version": "1", "text": "", "nothing": None, "problem": None, **done(job)})
    with lock:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    lock = threading.Lock()
    for line in sys.stdin:
        threading.Thread(target=reply, args=(line, lock), daemon=True).start()
