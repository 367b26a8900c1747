"""What can go wrong with a result URL in the course of its life: only who comes back later can see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proofsheet.contract.pictures import sample_picture
from proofsheet.reference.replies import Reply

if TYPE_CHECKING:
    from proofsheet.reference.faults import Fault
    from proofsheet.reference.gateway import Gateway

#: Seconds after which a file is another one: longer than any run looks at it.
_SOON = 600.0


def age_asset(gateway: Gateway, reply: Reply, fault: Fault) -> Reply:
    """The file is gone after half of its documented time, or another file stands in its place."""
    lifetime = gateway.contract.assets.lifetime
    if fault.name == "expire-early" and lifetime is not None and reply.age > lifetime / 2:
        return Reply(410, body=b"This link has expired.", media_type="text/plain; charset=utf-8", moment=reply.moment)
    if fault.name == "other-file-later" and reply.status == 200 and reply.age > _SOON:
        reply.body = sample_picture("png").content
    return reply
