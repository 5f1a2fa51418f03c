"""The part of Bedrock that moto lacks: Converse, answered by a model that knows the synthetic tenants, with faults.

It takes what Bedrock takes, see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html and
https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html, and answers the same to the same question.
It is right about as often as it says, so that accuracy by certainty can be measured; a real model is another matter.
"""

from __future__ import annotations

import json
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from moto.bedrock.responses import BedrockResponse
from moto.bedrockruntime.responses import BedrockRuntimeResponse
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult

from include.enrichment.names import by_script, normalised
from infra.local.vendor.chance import Lot
from infra.local.vendor.people import NATIONALITIES, person

# In the state directory: one of FAULTS, `silent` also with its seconds.
FAULT_FILE = "bedrock-fault"
FAULTS = (
    "throttled",
    "throttled-once",
    "retired",
    "forbidden",
    "invalid",
    "unavailable",
    "wrong-count",
    "unknown-label",
    "lesotho",
    "prose",
    "cut-off",
    "silent",
    "logging-on",
)
SILENT_SECONDS = 70.0
MODELS = frozenset(("jp.anthropic.claude-haiku-4-5-20251001-v1:0", "jp.anthropic.claude-sonnet-4-5-20250929-v1:0"))
MOST_TOKENS = 64_000
# Keywords of JSON Schema that Bedrock takes.
KEYWORDS = frozenset(
    ("$defs", "$ref", "additionalProperties", "allOf", "anyOf", "const", "default", "description", "enum", "format")
) | {"items", "minItems", "properties", "required", "title", "type"}

# What the model says of its certainty, from which draw on, and the share of right answers then.
CERTAINTIES = (("sure", 0.4, 0.97), ("likely", 0.15, 0.93), ("guess", 0.0, 0.5))
# As many tenants as the full source has.
TENANTS = 60_000
UNKNOWN = "不明"
_CERTAINTY = Lot("certainty of the language model")
_RIGHT = Lot("answer of the language model")
_ERROR = Lot("error of the language model")
# Nationality by the words of a name, and how many tenants it is from.
_LEARNT: dict[tuple[str, ...], str] = {}
_LEARNT_UP_TO = [0]
_LEARNING = threading.Lock()


def fault(file: Path) -> tuple[str, ...]:
    """Return the fault that `file` names with its arguments, or nothing.

    Raises:
        ValueError: there is no such fault.
    """
    words = tuple(file.read_text().split()) if file.exists() else ()
    if words and words[0] not in FAULTS:
        raise ValueError(f"{file} names {words[0]}; faults are {', '.join(FAULTS)}")
    return words


class Model:
    """The model, and the account's setting of the log.

    Args:
        fault: returns the present fault with its arguments, or nothing.
        sleep: waits for so many seconds.

    Attributes:
        calls: requests that were answered or refused, those that botocore repeats included.
    """

    def __init__(
        self, fault: Callable[[], tuple[str, ...]] = tuple, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.calls = 0
        self._fault = fault
        self._sleep = sleep
        self._throttled = False
        self._lock = threading.Lock()

    @property
    def logs_prompts(self) -> bool:
        """Whether the account is said to log prompts."""
        return self._fault()[:1] == ("logging-on",)

    def converse(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer a request of Converse, or refuse it as Bedrock would."""
        kind, *arguments = self._fault() or ("",)
        with self._lock:
            self.calls += 1
            first, self._throttled = not self._throttled, kind == "throttled-once"
        if refusal := REFUSALS.get("throttled" if kind == "throttled-once" and first else kind):
            code, status, message = refusal
            raise _refusal(code, message.format(request=request["messages"]), status)
        if kind == "silent":
            self._sleep(float(arguments[0]) if arguments else SILENT_SECONDS)
        validate(request)
        text = self._text(request, kind)
        most = request.get("inferenceConfig", {}).get("maxTokens", MOST_TOKENS)
        cut = kind == "cut-off" or tokens(text) > most
        return {
            "output": {
                "message": {"role": "assistant", "content": [{"text": text[: len(text) // 2] if cut else text}]}
            },
            "stopReason": "max_tokens" if cut else "end_turn",
            "usage": {"inputTokens": 1, "outputTokens": tokens(text), "totalTokens": 1 + tokens(text)},
            "metrics": {"latencyMs": 1},
        }

    def _text(self, request: dict[str, Any], kind: str) -> str:
        schema = _schema(request)
        try:
            items = json.loads(request["messages"][-1]["content"][0]["text"])
            labels = schema["properties"]["answers"]["items"]["properties"]["nationality"]["enum"]
        except (KeyError, TypeError, ValueError):
            return "How can I help you?"
        answers = []
        for item in items:
            nationality, certainty = guess(item["name"], tuple(labels))
            nationality = {"unknown-label": "火星", "lesotho": "レソト"}.get(kind, nationality)
            answers.append({"i": item["i"], "nationality": nationality, "certainty": certainty})
        if kind == "wrong-count":
            answers.pop()
        if kind == "prose":
            return f"Here is what I think: {items[0]['name']} is probably a Japanese name."
        return json.dumps({"answers": answers}, ensure_ascii=False)


# Code, status and words of Bedrock; a text that quotes the request is what must not be repeated.
REFUSALS = {
    "throttled": ("ThrottlingException", 429, "Too many requests, please wait before trying again."),
    "retired": ("ResourceNotFoundException", 404, "This model version has reached the end of its life."),
    "forbidden": ("AccessDeniedException", 403, "You don't have access to the model with the specified model ID."),
    "invalid": ("ValidationException", 400, "The model returned the following errors: messages {request} are refused"),
    "unavailable": ("ServiceUnavailableException", 503, "Bedrock is unable to process your request."),
}


def tokens(text: str) -> int:
    """Return about how many tokens a text has."""
    return len(text) // 2 + 1


def validate(request: dict[str, Any]) -> None:
    """Refuse what Bedrock refuses: an unknown model, an empty message, limits, a schema with more than it takes."""
    if request["modelId"] not in MODELS:
        raise _invalid("The provided model identifier is invalid.")
    messages = request.get("messages") or []
    if not messages or messages[0]["role"] != "user":
        raise _invalid("A conversation must start with a user message. Try again with a conversation that does.")
    if not all(block.get("text", "").strip() for each in messages for block in each["content"]):
        raise _invalid("The text field in the ContentBlock object is blank.")
    config = request.get("inferenceConfig", {})
    if not 0 <= config.get("temperature", 1) <= 1 or not 1 <= config.get("maxTokens", 1) <= MOST_TOKENS:
        raise _invalid("inferenceConfig: a value is out of range.")
    for fault in _schema_faults(_schema(request)):
        raise _invalid(f"output_config.format.schema: {fault}")


def _schema(request: dict[str, Any]) -> Any:
    structure = request.get("outputConfig", {}).get("textFormat", {}).get("structure", {})
    try:
        return json.loads(structure.get("jsonSchema", {}).get("schema", "{}"))
    except ValueError:
        raise _invalid("The JSON schema is no JSON.") from None


def _schema_faults(schema: Any) -> Iterator[str]:
    """Yield what Bedrock does not take of a schema."""
    if not isinstance(schema, dict):
        yield "a schema must be an object"
        return
    if strange := sorted(schema.keys() - KEYWORDS):
        yield f"For '{schema.get('type')}' type, properties {', '.join(strange)} are not supported"
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        yield "For 'object' type, 'additionalProperties' must be explicitly set to false"
    if len(set(schema.get("enum", []))) < len(schema.get("enum", [])):
        yield "enum values must be unique"
    for inner in (*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])):
        yield from _schema_faults(inner)


def guess(name: str, labels: tuple[str, ...]) -> tuple[str, str]:
    """Return nationality and certainty for a name, mostly right.

    Args:
        name: as the platform has it.
        labels: what may be answered.
    """
    key = _key(name)
    number = zlib.crc32(" ".join(key).encode())
    truth = _truth(key) or by_script(name)
    if truth not in labels:
        return UNKNOWN, "guess"
    draw = _CERTAINTY.share(number)
    certainty, right = next((says, right) for says, least, right in CERTAINTIES if draw >= least)
    if _RIGHT.hits(number, right):
        return truth, certainty
    if certainty == "guess" and _ERROR.hits(number, 0.5):
        return UNKNOWN, certainty
    likely = [each for each in NATIONALITIES[:10] if each in labels and each != truth]
    return (_ERROR.pick(number, likely) if likely else UNKNOWN), certainty


def _key(name: str) -> tuple[str, ...]:
    return tuple(sorted(normalised(name).split()))


def _truth(key: tuple[str, ...]) -> str | None:
    """Return the nationality of the first tenant of a name; as many are looked at as it takes, once."""
    with _LEARNING:
        while key not in _LEARNT and (first := _LEARNT_UP_TO[0] + 1) <= TENANTS:
            for number in range(first, first + 1000):
                who = person(number)
                _LEARNT.setdefault(_key(f"{who.last_name} {who.first_name}"), who.nationality)
            _LEARNT_UP_TO[0] += 1000
        return _LEARNT.get(key)


def install(model: Model) -> None:
    """Put the model into moto's Bedrock; call before the server starts."""
    logging_of_moto = BedrockResponse.get_model_invocation_logging_configuration

    def converse(self: BedrockRuntimeResponse) -> ActionResult:
        names = ("modelId", "messages", "system", "inferenceConfig", "outputConfig")
        request = {name: value for name in names if (value := self._get_param(name)) is not None}
        return ActionResult(model.converse(request))

    def get_model_invocation_logging_configuration(self: BedrockResponse) -> str:
        if not model.logs_prompts:
            return logging_of_moto(self)
        log = {"logGroupName": "prompts", "roleArn": "arn:aws:iam::123456789012:role/prompts"}
        return json.dumps({"loggingConfig": {"cloudWatchConfig": log, "textDataDeliveryEnabled": True}})

    BedrockRuntimeResponse.converse = converse  # type: ignore[attr-defined]
    BedrockResponse.get_model_invocation_logging_configuration = (  # type: ignore[method-assign]
        get_model_invocation_logging_configuration
    )


def _invalid(message: str) -> JsonRESTError:
    return _refusal("ValidationException", message, 400)


def _refusal(kind: str, message: str, status: int) -> JsonRESTError:
    error = JsonRESTError(kind, message)
    error.code = status
    return error
