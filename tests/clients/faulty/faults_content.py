"""Faults that users of Google's SDK meet."""

from __future__ import annotations

import base64
import json

from tests.clients.faulty.declared import SERVED, fault
from tests.clients.faulty.gateway import Answered, Gateway, Refused, need


@fault("native", served="references/*")
class RefusesUrlSafeBase64(Gateway):
    def decoded(self, text):
        need("-" not in text and "_" not in text, "a picture is no base64")
        return super().decoded(text)


@fault("native", served="references/*")
class KnowsOneSpellingOfTheMediaType(Gateway):
    def media_type(self, one):
        return one.get("mimeType")


@fault("native", served="references/3")
class TakesOneReference(Gateway):
    def inline(self, found):
        need(len(found) < 2, "one picture at most")
        super().inline(found)


@fault("native", pixels="cell/*")
class IgnoresTheRatio(Gateway):
    def ratio_and_size(self, config):
        return None, super().ratio_and_size(config)[1]


@fault("slashed", pixels="cell/*")
class IgnoresTheSize(Gateway):
    def ratio_and_size(self, config):
        return super().ratio_and_size(config)[0], None


@fault("slashed", served=SERVED, error="error/*")
class TakesNoKeyInTheHeaderOfTheSdk(Gateway):
    def key(self, asked):
        return asked.headers.get("authorization", "").removeprefix("Bearer ")


@fault("native", error="error/unknown-key")
class AnUnknownKeyIsAFault(Gateway):
    def refused(self, asked, status, why):
        return super().refused(asked, 500 if status == 401 else status, why)


@fault("native", error="error/rate-limited")
class TooManyRequestsIsAFault(Gateway):
    def refused(self, asked, status, why):
        return super().refused(asked, 503 if status == 429 else status, why)


@fault("native", error="error/upstream-error")
class AFaultIsARefusal(Gateway):
    def refused(self, asked, status, why):
        return super().refused(asked, 400 if status == 502 else status, why)


@fault("native", error="error/invalid-value")
class AnErrorIn200(Gateway):
    def refused(self, asked, status, why):
        return super().refused(asked, 200 if status == 400 else status, why)


@fault("native", message="error/invalid-value")
class AnErrorWithoutAMessage(Gateway):
    def error(self, asked, status, why):
        return {"error": {"code": status, "status": "INVALID_ARGUMENT"}} if status == 400 else super().error(asked, status, why)


@fault("native", message="error/invalid-value")
class APageForAnError(Gateway):
    def refused(self, asked, status, why):
        page = Answered(status, b"<html><body><h1>Bad Request</h1></body></html>", (("Content-Type", "text/html"),))
        return page if status == 400 else super().refused(asked, status, why)


@fault("native", served=SERVED)
class AnsweredBy201(Gateway):
    def served(self, asked, document):
        return Answered(201, json.dumps(document).encode()) if asked.sdk else super().served(asked, document)


@fault("native", served=SERVED)
class AnOperationInPlaceOfAnAnswer(Gateway):
    def told(self, parts):
        return {"name": "operations/7f3a", "done": False}


@fault("native", served=SERVED)
class NothingButThoughts(Gateway):
    def told(self, parts):
        return super().told([{**part, "thought": True} for part in parts])


@fault("native", served=SERVED)
class NothingButWords(Gateway):
    def told(self, parts):
        return super().told([{"text": "a poster of a banana"}])


@fault("native", picture=SERVED)
class ACutPicture(Gateway):
    def base64(self, content):
        return base64.b64encode(content[: len(content) // 2]).decode()


@fault("native", served=SERVED)
class ADataUriForBase64(Gateway):
    def base64(self, content):
        return f"data:image/png;base64,{super().base64(content)}"


@fault("slashed", served=SERVED)
class KnowsNoSlashInAModel(Gateway):
    def named(self, path):
        name = super().named(path)
        return "/" if "/" in name else name

    def model(self, name):
        if name == "/":
            raise Refused(404, "there is nothing here")
        super().model(name)


@fault("native", served=SERVED)
class SaysGzipAndIsNot(Gateway):
    def served(self, asked, document):
        answer = super().served(asked, document)
        return answer.having(Content_Encoding="gzip") if asked.sdk else answer


@fault("native", runtime="node", served=SERVED)
class WritesSnakeCase(Gateway):
    """Google's own services take both spellings, and answer in camel case."""

    def part(self, content):
        return {"inline_data": {"mime_type": "image/png", "data": self.base64(content)}}


@fault("native", runtime="node", error="error/rate-limited")
class TooManyRequestsIsAFaultInNode(Gateway):
    def refused(self, asked, status, why):
        return super().refused(asked, 503 if status == 429 else status, why)
