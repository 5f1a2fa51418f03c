"""IAM for the local platform: Airflow may do what its execution role may, as Terraform renders it, and nothing else.

moto decides by actions and knows neither conditions nor the key that an object, a secret or a topic is encrypted with,
so this module decides. A request with any other access key than the role's has the rights of an administrator.
Only the role's own policy counts: no bucket policy, no key policy.

Rules: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html. Resources of an
action: https://docs.aws.amazon.com/service-authorization/latest/reference/.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.exceptions import AccessDeniedError, JsonRESTError
from moto.s3.exceptions import S3AccessDeniedError

# Access key id with which Airflow comes.
ROLE = "execution-role"

ARN = "arn:aws:{service}:ap-northeast-1:123456789012:{name}"
KEY = ARN.format(service="kms", name="key/gghouse-local")
# How a service is called in a signature and in a policy, where these differ.
POLICY_NAMES = {"monitoring": "cloudwatch"}
# What AWS asks another permission for, in the words of moto or of the operation.
SAME_PERMISSION = {"s3:HeadBucket": "s3:ListBucket", "bedrock:Converse": "bedrock:InvokeModel"}
# Anybody may ask who he is.
FREE = frozenset({"sts:GetCallerIdentity"})
# Where Bedrock's profiles jp.… lead to: the right to the model behind one is needed in each of them.
JAPAN = ("ap-northeast-1", "ap-northeast-3")
# What AWS does with the key on behalf of the caller, for what is encrypted with a key of our own.
KEY_USE = {
    "s3:GetObject": ("kms:Decrypt",),
    "s3:GetObjectVersion": ("kms:Decrypt",),
    "s3:PutObject": ("kms:GenerateDataKey", "kms:Decrypt"),  # the latter for the parts of a large object
    "secretsmanager:GetSecretValue": ("kms:Decrypt",),
    "sns:Publish": ("kms:GenerateDataKey", "kms:Decrypt"),
}


@dataclass(frozen=True)
class Wish:
    """What a request needs to be allowed: an action on a resource, under the condition keys that it comes with."""

    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()


@dataclass
class Gate:
    """Decides about each request of the role and keeps a list of what was asked for.

    Args:
        policy: file with the policy; read again for each decision, so that a right can be taken away meanwhile.
        asked: file that gets a line of JSON for each new wish and for each refusal: action, resource, context, whether
            it was allowed.
    """

    policy: Path
    asked: Path
    _known: set[Wish] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def refused(self, wishes: Iterator[Wish]) -> Wish | None:
        """Return the first wish that the policy does not allow."""
        policy = json.loads(self.policy.read_text(encoding="utf-8"))
        for wish in wishes:
            allowed = is_allowed(policy, wish)
            self._note(wish, allowed)
            if not allowed:
                return wish
        return None

    def _note(self, wish: Wish, allowed: bool) -> None:
        with self._lock:
            if allowed and wish in self._known:
                return
            self._known.add(wish)
            with self.asked.open("a", encoding="utf-8") as file:
                file.write(json.dumps([wish.action, wish.resource, dict(wish.context), allowed]) + "\n")


def is_allowed(policy: Mapping[str, Any], wish: Wish) -> bool:
    """Return whether a statement allows the wish and none denies it.

    Raises:
        NotImplementedError: a statement has an element or an operator that is not known here.
    """
    effects = {each["Effect"] for each in policy["Statement"] if _concerns(each, wish)}
    return effects == {"Allow"}


def _concerns(statement: Mapping[str, Any], wish: Wish) -> bool:
    if strange := statement.keys() - {"Sid", "Effect", "Action", "Resource", "Condition"}:
        raise NotImplementedError(f"statement {statement.get('Sid')} has {', '.join(sorted(strange))}")
    return (
        any(_like(pattern, wish.action) for pattern in _listed(statement["Action"]))
        and any(_like(pattern, wish.resource) for pattern in _listed(statement["Resource"]))
        and all(
            _holds(operator, dict(wish.context).get(key), _listed(wanted))
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def _holds(operator: str, value: str | None, wanted: list[str]) -> bool:
    if operator not in ("StringEquals", "Bool"):
        raise NotImplementedError(f"the condition operator {operator}")
    return value is not None and value in wanted


def _like(pattern: str, text: str) -> bool:
    """Match the wildcards of IAM, `*` and `?`."""
    wild = {"*": ".*", "?": "."}
    return re.fullmatch("".join(wild.get(letter) or re.escape(letter) for letter in pattern), text) is not None


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def wishes(service: str, action: str, resource: str, ask: Callable[[str], str], copied: str) -> Iterator[Wish]:
    """Yield what a request needs.

    Args:
        service: as it is called in the request's signature.
        action: name of the operation, or moto's word for the permission.
        resource: ARN as far as moto knows it, else `*`.
        ask: returns a parameter of the request, or an empty text.
        copied: bucket and key of the object that an S3 request copies, or an empty text.
    """
    prefix = POLICY_NAMES.get(service, service)
    name = SAME_PERMISSION.get(f"{prefix}:{action}", f"{prefix}:{action}")
    if name in FREE:
        return
    if name == "bedrock:InvokeModel":
        yield from _model(ask("modelId"))
        return
    context = {"cloudwatch:namespace": ask("Namespace")} if name == "cloudwatch:PutMetricData" else {}
    yield Wish(name, _resource(name, resource, ask), tuple(context.items()))
    via = (("kms:ViaService", f"{service}.ap-northeast-1.amazonaws.com"),)
    yield from (Wish(use, KEY, via) for use in KEY_USE.get(name, ()))
    if copied:
        yield Wish("s3:GetObject", f"arn:aws:s3:::{copied.lstrip('/')}")
        yield Wish("s3:GetObjectTagging", f"arn:aws:s3:::{copied.lstrip('/')}")


def _model(profile: str) -> Iterator[Wish]:
    """Yield what asking a model through an inference profile needs.

    https://docs.aws.amazon.com/bedrock/latest/userguide/geographic-cross-region-inference.html
    """
    arn = ARN.format(service="bedrock", name=f"inference-profile/{profile}")
    yield Wish("bedrock:InvokeModel", arn)
    model = profile.partition(".")[2]
    for region in JAPAN:
        behind = f"arn:aws:bedrock:{region}::foundation-model/{model}"
        yield Wish("bedrock:InvokeModel", behind, (("bedrock:InferenceProfileArn", arn),))


def _resource(action: str, resource: str, ask: Callable[[str], str]) -> str:
    """Return the ARN that a request is about, where moto does not know it."""
    service, _, operation = action.partition(":")
    if service == "sns":
        return ask("TopicArn")
    if service == "secretsmanager":
        return ARN.format(service=service, name=f"secret:{ask('SecretId')}-AbCdEf")
    if service == "quicksight" and operation != "ListIngestions":
        ingestion = "" if operation == "DescribeDataSet" else f"/ingestion/{ask('IngestionId')}"
        return ARN.format(service=service, name=f"dataset/{ask('DataSetId')}{ingestion}")
    if service == "sqs":
        return ARN.format(service=service, name=ask("QueueUrl").rpartition("/")[2])
    if service == "rds":
        return ARN.format(service=service, name=f"cluster:{ask('DBClusterIdentifier') or '*'}")
    return resource


def install(gate: Gate) -> None:
    """Let the gate decide about every request of the role; safe to repeat."""

    def authorize(self: Any, _iam_request: type, resource: str = "*") -> None:
        key, _date, _region, service, *_ = _credential(self.headers.get("Authorization", "")).split("/")
        if key != ROLE:
            return
        action = self._get_action()
        name = action[0] if isinstance(action, list) else action

        def ask(parameter: str) -> str:
            return str(self._get_param(parameter) or "")

        copied = self.headers.get("x-amz-copy-source", "")
        if wish := gate.refused(wishes(service, name, resource, ask, copied)):
            raise _refusal(service, wish)

    ActionAuthenticatorMixin._authenticate_and_authorize_action = authorize  # type: ignore[assignment,method-assign]


def _refusal(service: str, wish: Wish) -> Exception:
    """Return the error as the service puts it: S3 and the older ones in XML, the others in JSON."""
    if service == "s3":
        return S3AccessDeniedError()
    user, action = f"{ROLE} of gghouse-local-mwaa", f"{wish.action} on resource: {wish.resource}"
    if service not in ("bedrock", "quicksight", "secretsmanager"):
        return AccessDeniedError(user_arn=user, action=action)
    error = JsonRESTError("AccessDeniedException", f"User: {user} is not authorized to perform: {action}")
    error.code = 403
    return error


def _credential(authorization: str) -> str:
    """Return the credential scope of a signature: access key id, date, region, service, and a constant."""
    found = re.search(r"Credential=([^,]+)", authorization)
    return found[1] if found else "nobody/////"
