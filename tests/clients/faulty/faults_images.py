"""Faults that users of OpenAI's SDK meet."""

from __future__ import annotations

from tests.clients.faulty.declared import SERVED, fault
from tests.clients.faulty.gateway import Answered, Gateway, Refused, need


class OfSdks(Gateway):
    """Does wrong to SDKs only, so that what is found is not the fault of everybody."""

    def served(self, asked, document):
        answer = super().served(asked, document)
        return self.done_wrong(asked, answer) if asked.sdk else answer

    def done_wrong(self, asked, answer):
        raise NotImplementedError


class FirstTime(OfSdks):
    """Does wrong to the first request of an SDK; the second one is served."""

    def served(self, asked, document):
        first = sum(one.sdk for one in self.asked) == 1
        return super().served(asked, document) if first else super(OfSdks, self).served(asked, document)


@fault("edits", served="references/3")
class KnowsNoList(Gateway):
    def field(self, name, count):
        need(name == "image", f"there is no field '{name}'")


@fault("edits", served=("call", "cell/*", "references/1"))
class KnowsOnlyTheList(Gateway):
    def field(self, name, count):
        need(name == "image[]", f"there is no field '{name}'")


@fault("edits", served=SERVED)
class KnowsEditsAsJson(Gateway):
    def images(self, asked):
        if asked.headers.get("content-type", "").startswith("multipart/"):
            raise Refused(415, "an edit is JSON")
        return super().images(asked)


@fault("generations", pixels="cell/*")
class IgnoresWhatTheSdkHasNoNameFor(Gateway):
    def shape(self, fields):
        return None, None


@fault("edits", pixels="cell/*")
class IgnoresTheFieldsOfAForm(Gateway):
    def shape(self, fields):
        return None, None


@fault("generations", error="error/unknown-key")
class AnUnknownKeyIsOurFault(Gateway):
    def refused(self, asked, status, why):
        return super().refused(asked, 500 if status == 401 else status, why)


@fault("generations", error="error/rate-limited")
class TooManyRequestsIsOurFault(Gateway):
    def refused(self, asked, status, why):
        return super().refused(asked, 503 if status == 429 else status, why)


@fault("generations", message="error/*")
class TheMessageIsElsewhere(Gateway):
    def error(self, asked, status, why):
        return {"error": {"type": "refused"}, "problem": {"text": why}}


@fault("generations", runtime="node", message="error/*")
class TheMessageIsAtTheTop(Gateway):
    def error(self, asked, status, why):
        return {"code": status, "detail": why}


@fault("generations", runtime="node", served=SERVED)
class ASuccessThatIsPlainText(OfSdks):
    def done_wrong(self, asked, answer):
        return answer.having(Content_Type="text/plain")


@fault("generations", served=SERVED)
class ASuccessThatIsNoJson(OfSdks):
    def done_wrong(self, asked, answer):
        return Answered(200, b"{'data': []}")


@fault("generations", served=SERVED)
class NoData(Gateway):
    def images(self, asked):
        return {**super().images(asked), "data": []}


@fault("generations", served=SERVED)
class DataWithoutAPicture(Gateway):
    def datum(self, content):
        return {"revised_prompt": "a glass cube"}


@fault("generations", images=SERVED)
class TwoForOne(Gateway):
    def images(self, asked):
        answer = super().images(asked)
        return {**answer, "data": answer["data"] * 2}


@fault("generations", served=SERVED)
class ATaskInPlaceOfAnAnswer(Gateway):
    def images(self, asked):
        super().images(asked)
        return {"task_id": "7f3a", "status": "queued"}


@fault("generations", once=(*SERVED, "error/*"))
class RedirectsThePost(OfSdks):
    def answer(self, asked):
        if asked.sdk and asked.method == "POST" and "?" not in asked.path:
            return Answered(307, b"", (("Location", f"{self.base}{asked.path}?again"),))
        return super().answer(asked)

    def images(self, asked):
        return super().images(type(asked)(asked.method, asked.path.partition("?")[0], asked.headers, asked.body))

    def done_wrong(self, asked, answer):
        return answer


@fault("generations", only=("call",), once="call")
class FailsOnceAfterCharging(FirstTime):
    """The SDK asks again without a word, and its user pays twice."""

    def done_wrong(self, asked, answer):
        return self.refused(asked, 500, "the model failed")


@fault("generations", only=("call",), once="call")
class HurriesOnce(FirstTime):
    def done_wrong(self, asked, answer):
        return self.refused(asked, 429, "too many requests")


@fault("generations", only=("call",), once="call")
class ConflictsOnce(FirstTime):
    def done_wrong(self, asked, answer):
        return self.refused(asked, 400, "not now").having(x_should_retry="true")


@fault("generations", only=("call",), once="call")
class DropsTheConnectionOnce(FirstTime):
    def done_wrong(self, asked, answer):
        return Answered(200, raw=b"")


@fault("edits", only=("call",), runtime="node", once="call")
class CutsTheAnswerOnce(FirstTime):
    def done_wrong(self, asked, answer):
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(answer.body)}\r\n\r\n"
        return Answered(200, raw=head.encode() + answer.body[:100])


@fault("edits", picture=SERVED)
class AUrlOfNothing(Gateway):
    def datum(self, content):
        return {"url": self.kept(content[: len(content) // 2])}


@fault("generations", served=SERVED)
class DataIsNoList(Gateway):
    def images(self, asked):
        answer = super().images(asked)
        return {**answer, "data": answer["data"][0]}
