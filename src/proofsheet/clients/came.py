"""What came of an example, read with the contract's own locators; and the answers that documents print, read the same way."""

from __future__ import annotations

from proofsheet.cases.validity import explain, violation
from proofsheet.contract.examples import Example
from proofsheet.contract.model import Contract, Operation
from proofsheet.contract.openapi import response_schema
from proofsheet.exchange.model import Exchange, Sent
from proofsheet.exchange.pictures import extract
from proofsheet.exchange.states import state_of, task_ref


def lack_of(operation: Operation, gives: str, exchange: Exchange) -> str | None:
    """What an answer lacks of what must come (images, task, status); None where it is all there.

    ``images`` of an operation with a lifecycle are those of a finished task.
    """
    lifecycle = operation.lifecycle
    if gives == "images" and lifecycle is None:
        return _no_images(operation, exchange)
    assert lifecycle is not None  # the examples were held against the contract
    if gives == "task":
        return None if task_ref(lifecycle, exchange) is not None else "it holds no task id where the document has it"
    word, state = state_of(lifecycle, exchange)
    if state == "unknown":
        return "it says nothing known of how the task stands" + (f": {word[:60]!r}" if word else "")
    if gives == "status" or state != "succeeded":
        return None if gives == "status" else f"the task has not succeeded: {word or state}"
    return _no_images(operation, exchange)


def _no_images(operation: Operation, exchange: Exchange) -> str | None:
    answer = operation.answer or (operation.lifecycle.answer if operation.lifecycle else None)
    found = [found for found in extract(answer, exchange) if not found.name] if answer is not None else []
    if not found:
        return "it holds no image where the document has it"
    return next((f"its image cannot be read: {one.detail or one.problem}" for one in found if one.problem is not None), None)


def printed_answer(contract: Contract, example: Example) -> str | None:
    """What is wrong with an answer as the document prints it, by the contract's reading; None where that reads it. Sends nothing."""
    operation = contract.operation(example.operation)
    looked = operation.lifecycle is not None and example.gives != "task"
    endpoint = operation.lifecycle.poll if looked and operation.lifecycle is not None else operation.endpoint
    sent = Sent(endpoint.method, contract.base_url + endpoint.path, {})
    exchange = Exchange(example.id, sent, 200, {"content-type": "application/json"}, example.text.encode())
    if exchange.json is None:
        return "it is not JSON"
    schema = response_schema(endpoint, 200)
    error = violation(schema, exchange.json) if schema is not None else None
    return explain(error) if error is not None else lack_of(operation, example.gives, exchange)
