"""Gateways that do right in another way, of which nobody may be told otherwise."""

from __future__ import annotations

import gzip
import json

from tests.clients.faulty.gateway import Answered, Gateway, slowly

CORRECT: list[tuple[str, str, type[Gateway]]] = []


def correct(*kinds: str):
    """Declare a gateway as right, and whose users meet it."""

    def keep(made: type[Gateway]) -> type[Gateway]:
        CORRECT.extend((made.__name__, kind, made) for kind in kinds)
        return made

    return keep


@correct("generations", "edits", "native", "slashed")
class AsItIs(Gateway):
    """The gateway itself."""


@correct("generations", "edits")
class GivesUrls(Gateway):
    def datum(self, content):
        return {"url": self.kept(content)}


@correct("generations")
class GivesBoth(Gateway):
    def datum(self, content):
        return {"url": self.kept(content), "b64_json": self.base64(content), "revised_prompt": None, "size": None}


@correct("generations")
class GivesNullBesideAUrl(Gateway):
    def datum(self, content):
        return {"url": self.kept(content), "b64_json": None}


@correct("generations", "native")
class DrawsJpeg(Gateway):
    kind = "image/jpeg"


@correct("native")
class DrawsWebp(Gateway):
    kind = "image/webp"


@correct("generations", "native")
class SaysMore(Gateway):
    def served(self, asked, document):
        more = {"id": "7", "model": "m", "usage": {"total_tokens": 3}, "usageMetadata": {"trafficType": "ODD"}, "modelVersion": "x", "newField": [{"a": 1}]}
        return super().served(asked, {**more, **document}).having(X_Request_Id="7", Set_Cookie="a=b; Path=/", Cache_Control="no-store")


@correct("native")
class SaysItInManyParts(Gateway):
    def told(self, parts):
        document = super().told([{"text": "thinking", "thought": True}, {**parts[0], "thought": True}, {"text": "here it is"}, *parts])
        document["candidates"][0] |= {"index": 0, "finishReason": "SOME_NEW_REASON", "safetyRatings": [], "avgLogprobs": -0.1}
        return document


@correct("generations", "native")
class Chunks(Gateway):
    def served(self, asked, document):
        body = super().served(asked, document).body
        pieces = [body[at : at + 1000] for at in range(0, len(body), 1000)]
        framed = b"".join(f"{len(one):x}\r\n".encode() + one + b"\r\n" for one in pieces) + b"0\r\n\r\n"
        return Answered(200, framed, (("Content-Type", "application/json; charset=utf-8"), ("Transfer-Encoding", "chunked")))


@correct("generations", "native")
class Compresses(Gateway):
    def served(self, asked, document):
        answer = super().served(asked, document)
        if "gzip" not in asked.headers.get("accept-encoding", ""):
            return answer
        return Answered(200, gzip.compress(answer.body)).having(Content_Encoding="gzip", Vary="Accept-Encoding")


@correct("generations", "native")
class CompressesAsItLikesBest(Gateway):
    """Whoever says that it reads another encoding is given it: nobody here can, and so nobody may say so."""

    def served(self, asked, document):
        answer = super().served(asked, document)
        odd = [name for name in ("br", "zstd") if name in asked.headers.get("accept-encoding", "")]
        return Answered(200, b"\x0b\x02\x80").having(Content_Encoding=odd[0]) if odd else answer


@correct("generations", "native")
class ClosesTheConnection(Gateway):
    def served(self, asked, document):
        return super().served(asked, document).having(Connection="close")


@correct("generations", "native")
class SpeaksAnOlderHttp(Gateway):
    def served(self, asked, document):
        return Answered(200, raw=b"HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n" + super().served(asked, document).body)


@correct("generations", "native")
class TakesItsTime(Gateway):
    def served(self, asked, document):
        slowly(1.5)
        return super().served(asked, document)


@correct("generations", "native")
class HasHeadersThatAreNoAscii(Gateway):
    def served(self, asked, document):
        body = super().served(asked, document).body
        head = f"HTTP/1.1 200 \r\nContent-Type: application/json\r\nX-Region: Zürich\r\nX-Empty:\r\nContent-Length: {len(body)}\r\n\r\n"
        return Answered(200, raw=head.encode() + body)


@correct("generations", "native")
class SaysThatItIsVendorsJson(Gateway):
    def served(self, asked, document):
        return super().served(asked, document).having(Content_Type="application/vnd.acme+json")


@correct("generations", "native")
class ExplainsAtLength(Gateway):
    def error(self, asked, status, why):
        document = super().error(asked, status, why)
        document["error"]["message"] += ': see "the manual",\n\tsection 4 – it\'s there.\\ ' + "more " * 100
        return document


@correct("generations", "native")
class ExplainsLast(Gateway):
    """The message comes after details that are longer than what is kept of an exception."""

    def error(self, asked, status, why):
        document = super().error(asked, status, why)
        message = document["error"].pop("message")
        return {"error": {**document["error"], "details": ["detail " * 400], "message": message}}


@correct("generations")
class NamesCodes(Gateway):
    def error(self, asked, status, why):
        return {"error": {"message": why, "type": "gateway_error", "param": "size", "code": status, "request_id": "r"}, "status": status}


@correct("native")
class WritesErrorsAsAList(Gateway):
    def error(self, asked, status, why):
        return [super().error(asked, status, why)]


@correct("generations", "native")
class WritesAsciiJson(Gateway):
    def refused(self, asked, status, why):
        answer = super().refused(asked, status, why)
        return Answered(status, json.dumps(json.loads(answer.body), indent=2).encode())


@correct("generations", "native")
class KnowsOtherRightStatuses(Gateway):
    """Of several right ones any will do."""

    def refused(self, asked, status, why):
        return super().refused(asked, {401: 403, 402: 429, 502: 503}.get(status, status), why)


@correct("generations")
class SaysHowLongToWait(Gateway):
    def refused(self, asked, status, why):
        return super().refused(asked, status, why).having(Retry_After="1", x_ratelimit_reset_requests="1s")


@correct("generations")
class SaysNotToTryAgain(Gateway):
    def refused(self, asked, status, why):
        return super().refused(asked, status, why).having(x_should_retry="false")


@correct("generations", "native")
class TakesNoMoreJustNow(Gateway):
    """It says so, and how long to wait, to the first request of each SDK."""

    def served(self, asked, document):
        first = asked.sdk and sum(one.sdk for one in self.asked) == 1
        return self.refused(asked, 429, "too many requests").having(Retry_After="0") if first else super().served(asked, document)
