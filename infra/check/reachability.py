"""Who must reach whom, followed through a plan: routes, endpoints with their private DNS, and both sides' groups.

A group's way out is not enough. Where an interface endpoint answers for a service's public name, in the whole VPC, the
endpoint's own group must let the party in: https://docs.aws.amazon.com/vpc/latest/privatelink/interface-endpoints.html.

The plan must know the identifiers of the network, so the network is applied before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from infra.check.plan_rules import Resource, resources

MYSQL, METADATA, HTTPS = 3306, 5432, 443
ANYWHERE = "0.0.0.0/0"
PARTIES = ("admin", "aurora", "bastion", "mwaa", "quicksight", "rotation")


@dataclass(frozen=True)
class Need:
    """One party's need of another, or of a service of AWS.

    Attributes:
        who: the party that connects.
        whom: a party, or a service by the name of its endpoint.
        why: what for.
        ports: first and last port.
        answers: whether these are answers, whose sender keeps the connection's state and needs no way out.
    """

    who: str
    whom: str
    why: str
    ports: tuple[int, int] = (HTTPS, HTTPS)
    answers: bool = False


NEEDS = (
    # https://docs.aws.amazon.com/mwaa/latest/userguide/vpc-create.html
    Need("mwaa", "mwaa", "Airflow's own database", (METADATA, METADATA)),
    Need("mwaa", "mwaa", "MWAA's own endpoints"),
    Need("mwaa", "sqs", "Celery's queue"),
    Need("mwaa", "logs", "logs of the tasks"),
    Need("mwaa", "monitoring", "health of the environment, metrics of the day"),
    Need("mwaa", "kms", "the key of the queue and of the buckets"),
    Need("mwaa", "s3", "code, dumps, snapshots"),
    Need("mwaa", "secretsmanager", "connections"),
    Need("mwaa", "sns", "alerts"),
    Need("mwaa", "quicksight.api", "refresh of the data sets"),
    Need("mwaa", "bedrock-runtime", "the language model"),
    Need("mwaa", "bedrock", "whether the language model's prompts are logged"),
    Need("mwaa", "rds", "DAG recover_cluster"),
    Need("mwaa", "airflow.env", "pools and the metadata database, over MWAA's API"),
    Need("mwaa", "aurora", "loader and dbt", (MYSQL, MYSQL)),
    # https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot_rotation.html
    Need("rotation", "secretsmanager", "the new password"),
    Need("rotation", "aurora", "ALTER USER", (MYSQL, MYSQL)),
    # https://docs.aws.amazon.com/quicksight/latest/user/vpc-security-groups.html
    Need("quicksight", "aurora", "filling the data sets", (MYSQL, MYSQL)),
    Need("aurora", "quicksight", "answers, for QuickSight's interfaces keep no state", (1024, 65535), answers=True),
    # The guide's database users, and https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-create-vpc.html
    Need("admin", "secretsmanager", "python -m infra.database reads the logins"),
    Need("admin", "aurora", "python -m infra.database makes the users", (MYSQL, MYSQL)),
    Need("admin", "mwaa", "the private web server"),
    Need("bastion", "ssm", "Session Manager"),
    Need("bastion", "ssmmessages", "Session Manager"),
    Need("bastion", "ec2messages", "Session Manager"),
    Need("bastion", "aurora", "a forwarded port", (MYSQL, MYSQL)),
    Need("bastion", "mwaa", "a forwarded port"),
)


@dataclass(frozen=True)
class Party:
    """Where something stands: its security groups and subnets, by identifier."""

    groups: frozenset[str]
    subnets: frozenset[str] = frozenset()

    @classmethod
    def of(cls, groups: Iterable[Any], subnets: Iterable[Any]) -> Party:
        """Make a party of what is known of it."""
        return cls(frozenset(filter(None, groups)), frozenset(filter(None, subnets)))


def unreachable(plan: dict[str, Any]) -> list[str]:
    """Return a sentence for each need that the planned network does not meet."""
    network = Network(resources(plan))
    found = []
    for need in NEEDS:
        if reason := network.hindrance(need):
            found.append(f"{need.who} does not reach {need.whom} ({need.why}): {reason}")
    for cidr in plan.get("variables", {}).get("operator_cidrs", {}).get("value", []):
        if not network.lets_in("mwaa", cidr):
            found.append(f"operators in {cidr} do not reach the web server: no group of mwaa lets them in")
    return found


class Network:
    """The network of a plan."""

    def __init__(self, planned: list[Resource]) -> None:
        self._planned = planned
        self._parties = _parties(planned)
        self._cidrs = {each["id"]: each["cidr_block"] for each in self._all("aws_subnet") if each.get("id")}

    def hindrance(self, need: Need) -> str | None:
        """Return what stands between two parties, or None when nothing does or one of them is not in the plan."""
        who, whom = self._parties.get(need.who), self._parties.get(need.whom)
        if who is None or (whom is None and need.whom in PARTIES):
            return None
        if not who.groups or (whom and not whom.groups):
            return "the plan does not know their security groups; apply the network first"
        return self._between(who, whom, need.ports, need.answers) if whom else self._to_service(who, need.whom)

    def lets_in(self, party: str, cidr: str) -> bool:
        """Return whether a party takes HTTPS from an address range, or is not in the plan."""
        if party not in self._parties:
            return True
        groups = self._parties[party].groups
        return any(
            rule["security_group_id"] in groups and _open(rule, (HTTPS, HTTPS)) and _covers(rule["cidr_ipv4"], [cidr])
            for rule in self._all("aws_vpc_security_group_ingress_rule")
        )

    def _between(self, who: Party, whom: Party, ports: tuple[int, int], answers: bool = False) -> str | None:
        if not answers and not self._allowed("egress", who, whom, ports):
            return f"no group of its own lets it out on {_said(ports)}"
        if not self._allowed("ingress", whom, who, ports):
            return f"no group at the other end lets it in on {_said(ports)}"
        return None

    def _to_service(self, who: Party, service: str) -> str | None:
        for endpoint in self._all("aws_vpc_endpoint"):
            if endpoint["service_name"].split(".", 3)[3] != service:
                continue
            if endpoint["vpc_endpoint_type"] == "Gateway" and set(map(self._table, who.subnets)) <= set(
                endpoint["route_table_ids"] or []
            ):
                return self._out(who)
            if endpoint["vpc_endpoint_type"] == "Interface" and endpoint["private_dns_enabled"]:
                behind = Party.of(endpoint["security_group_ids"] or [], endpoint["subnet_ids"] or [])
                reason = self._between(who, behind, (HTTPS, HTTPS))
                return f"its name leads to the endpoint in the VPC, and {reason}" if reason else None
        return self._out(who) or self._no_way_to_the_internet(who)

    def _out(self, who: Party) -> str | None:
        if self._allowed("egress", who, None, (HTTPS, HTTPS)):
            return None
        return "no group of its own lets it out to addresses of AWS"

    def _no_way_to_the_internet(self, who: Party) -> str | None:
        gateways = {each["id"]: each["subnet_id"] for each in self._all("aws_nat_gateway") if each.get("id")}
        for subnet in who.subnets:
            public = gateways.get(self._default(subnet, "nat_gateway_id"))
            if not (public and self._default(public, "gateway_id")):
                return f"the subnet {self._cidrs.get(subnet, subnet)} has no route to a NAT gateway that has one"
        return None

    def _default(self, subnet: str, by: str) -> str | None:
        """Return through which gateway a subnet reaches the internet."""
        table = self._table(subnet)
        routes = (each for each in self._all("aws_route") if each["route_table_id"] == table)
        return next((each[by] for each in routes if each["destination_cidr_block"] == ANYWHERE and each[by]), None)

    def _table(self, subnet: str) -> str | None:
        tables = {each["subnet_id"]: each["route_table_id"] for each in self._all("aws_route_table_association")}
        return tables.get(subnet)

    def _allowed(self, way: str, one: Party, other: Party | None, ports: tuple[int, int]) -> bool:
        """Return whether a group of one lets the other through, or, without another, any address."""
        for rule in self._all(f"aws_vpc_security_group_{way}_rule"):
            if rule["security_group_id"] not in one.groups or not _open(rule, ports):
                continue
            if other and rule["referenced_security_group_id"] in other.groups:
                return True
            cidrs = [self._cidrs[each] for each in other.subnets if each in self._cidrs] if other else [ANYWHERE]
            if cidrs and _covers(rule["cidr_ipv4"], cidrs):
                return True
        return False

    def _all(self, kind: str) -> list[dict[str, Any]]:
        """Return the values of all resources of a type; what is not known yet is None."""
        return [defaultdict(lambda: None, each.values) for each in self._planned if each.type == kind]


def _parties(planned: list[Resource]) -> dict[str, Party]:
    """Return where each party of the plan stands."""
    found = {}
    subnets = {each.address: each.values.get("subnet_ids") for each in planned if each.type == "aws_db_subnet_group"}
    for each in planned:
        values = defaultdict(lambda: None, each.values)
        if each.type == "aws_mwaa_environment":
            (network,) = values["network_configuration"]
            found["mwaa"] = Party.of(network.get("security_group_ids") or [], network.get("subnet_ids") or [])
        elif each.type == "aws_rds_cluster":
            inside = [subnet for group in subnets.values() for subnet in group or []]
            found["aurora"] = Party.of(values["vpc_security_group_ids"] or [], inside)
        elif each.type == "aws_quicksight_vpc_connection":
            found["quicksight"] = Party.of(values["security_group_ids"] or [], values["subnet_ids"] or [])
        elif each.type == "aws_instance":
            found["bastion"] = Party.of(values["vpc_security_group_ids"] or [], [values["subnet_id"]])
        elif each.type == "aws_serverlessapplicationrepository_cloudformation_stack":
            parameters = values["parameters"] or {}
            ids = [(parameters.get(name) or "").split(",") for name in ("vpcSecurityGroupIds", "vpcSubnetIds")]
            found["rotation"] = Party.of(*ids)
    # A person's shell in the VPC is no resource; the guide opens it in the subnets of MWAA, with the group `admin`.
    shells = [each.values for each in planned if each.type == "aws_security_group"]
    if "mwaa" in found and (groups := [each.get("id") for each in shells if each["name"].endswith("-admin")]):
        found["admin"] = Party.of(groups, found["mwaa"].subnets)
    return found


def _open(rule: dict[str, Any], ports: tuple[int, int]) -> bool:
    if rule["ip_protocol"] == "-1":
        return True
    return bool(rule["ip_protocol"] == "tcp" and rule["from_port"] <= ports[0] and ports[1] <= rule["to_port"])


def _covers(wide: str | None, narrow: Iterable[str]) -> bool:
    return wide is not None and all(IPv4Network(each).subnet_of(IPv4Network(wide)) for each in narrow)


def _said(ports: tuple[int, int]) -> str:
    return f"port {ports[0]}" if ports[0] == ports[1] else f"ports {ports[0]} to {ports[1]}"
