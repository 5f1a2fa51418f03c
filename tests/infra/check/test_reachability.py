"""Who reaches whom is followed through groups, endpoints and routes, and each way that is closed is named."""

from __future__ import annotations

from typing import Any

import pytest

from infra.check import reachability

Values = dict[str, Any]
Planned = list[tuple[str, Values]]


def rule(way: str, group: str, port: int, other: str) -> tuple[str, Values]:
    peer = {"cidr_ipv4": other} if "/" in other else {"referenced_security_group_id": other}
    values = {"security_group_id": group, "ip_protocol": "tcp", "from_port": port, "to_port": port, **peer}
    return f"aws_vpc_security_group_{way}_rule", values


def talk(one: str, other: str, port: int) -> Planned:
    return [rule("egress", one, port, other), rule("ingress", other, port, one)]


def network() -> Planned:
    """MWAA, Aurora and a shell in one private subnet, behind a NAT gateway and two endpoints."""
    return [
        ("aws_subnet", {"id": "private", "cidr_block": "10.0.10.0/24"}),
        ("aws_subnet", {"id": "public", "cidr_block": "10.0.0.0/24"}),
        ("aws_route_table_association", {"subnet_id": "private", "route_table_id": "inner"}),
        ("aws_route_table_association", {"subnet_id": "public", "route_table_id": "outer"}),
        ("aws_route", {"route_table_id": "inner", "destination_cidr_block": "0.0.0.0/0", "nat_gateway_id": "nat"}),
        ("aws_route", {"route_table_id": "outer", "destination_cidr_block": "0.0.0.0/0", "gateway_id": "igw"}),
        ("aws_nat_gateway", {"id": "nat", "subnet_id": "public"}),
        (
            "aws_vpc_endpoint",
            {
                "service_name": "com.amazonaws.ap-northeast-1.s3",
                "vpc_endpoint_type": "Gateway",
                "route_table_ids": ["inner"],
            },
        ),
        (
            "aws_vpc_endpoint",
            {
                "service_name": "com.amazonaws.ap-northeast-1.secretsmanager",
                "vpc_endpoint_type": "Interface",
                "private_dns_enabled": True,
                "security_group_ids": ["endpoints"],
                "subnet_ids": ["private"],
            },
        ),
        (
            "aws_mwaa_environment",
            {"network_configuration": [{"security_group_ids": ["mwaa"], "subnet_ids": ["private"]}]},
        ),
        ("aws_db_subnet_group", {"subnet_ids": ["private"]}),
        ("aws_rds_cluster", {"vpc_security_group_ids": ["aurora"]}),
        ("aws_security_group", {"id": "admin", "name": "gghouse-test-admin"}),
        *talk("mwaa", "mwaa", 443),
        *talk("mwaa", "mwaa", 5432),
        *talk("mwaa", "aurora", 3306),
        *talk("mwaa", "endpoints", 443),
        *talk("admin", "endpoints", 443),
        *talk("admin", "aurora", 3306),
        *talk("admin", "mwaa", 443),
        rule("egress", "mwaa", 443, "0.0.0.0/0"),
        rule("ingress", "mwaa", 443, "192.0.2.0/24"),
    ]


def found(planned: Planned) -> list[str]:
    changes = [
        {
            "address": f"{kind}.it[{number}]",
            "mode": "managed",
            "type": kind,
            "change": {"after": values, "after_unknown": {}},
        }
        for number, (kind, values) in enumerate(planned)
    ]
    return reachability.unreachable(
        {"resource_changes": changes, "variables": {"operator_cidrs": {"value": ["192.0.2.0/24"]}}}
    )


def without(*missing: tuple[str, Values]) -> Planned:
    planned = network()
    for each in missing:
        planned.remove(each)
    return planned


def changed(kind: str, number: int = 0, **values: Any) -> Planned:
    planned = network()
    at = [index for index, (each, _) in enumerate(planned) if each == kind][number]
    planned[at] = (kind, planned[at][1] | values)
    return planned


def test_a_network_in_which_everybody_reaches_what_is_needed() -> None:
    assert found(network()) == []


@pytest.mark.parametrize(
    ("planned", "says"),
    [
        (
            without(rule("ingress", "endpoints", 443, "admin")),
            "admin does not reach secretsmanager (python -m infra.database reads the logins): its name leads to the "
            "endpoint in the VPC, and no group at the other end lets it in on port 443",
        ),
        (without(rule("egress", "admin", 443, "endpoints")), "no group of its own lets it out on port 443"),
        (without(rule("egress", "mwaa", 3306, "aurora")), "mwaa does not reach aurora"),
        (without(rule("ingress", "aurora", 3306, "admin")), "admin does not reach aurora"),
        (without(rule("ingress", "mwaa", 5432, "mwaa")), "mwaa does not reach mwaa (Airflow's own database)"),
        (without(rule("egress", "mwaa", 443, "0.0.0.0/0")), "mwaa does not reach s3"),
        (without(rule("egress", "mwaa", 443, "0.0.0.0/0")), "mwaa does not reach sqs (Celery's queue): no group of"),
        (without(rule("ingress", "mwaa", 443, "192.0.2.0/24")), "operators in 192.0.2.0/24 do not reach"),
        (changed("aws_route", nat_gateway_id=None), "subnet 10.0.10.0/24 has no route to a NAT gateway"),
        (changed("aws_route", 1, gateway_id=None), "has no route to a NAT gateway that has one"),
        (changed("aws_rds_cluster", vpc_security_group_ids=["other"]), "mwaa does not reach aurora"),
        (changed("aws_vpc_security_group_egress_rule", 2, to_port=3305), "mwaa does not reach aurora"),
        (changed("aws_rds_cluster", vpc_security_group_ids=[]), "does not know their security groups"),
        (
            [
                *network(),
                (
                    "aws_quicksight_vpc_connection",
                    {"security_group_ids": ["quicksight"], "subnet_ids": ["private"]},
                ),
                *talk("quicksight", "aurora", 3306),
            ],
            "aurora does not reach quicksight (answers",
        ),
        (
            [*network(), ("aws_instance", {"vpc_security_group_ids": ["bastion"], "subnet_id": "private"})],
            "bastion does not reach ssm (Session Manager)",
        ),
        (
            [
                *network(),
                (
                    "aws_serverlessapplicationrepository_cloudformation_stack",
                    {"parameters": {"vpcSecurityGroupIds": "rotation", "vpcSubnetIds": "private"}},
                ),
            ],
            "rotation does not reach secretsmanager",
        ),
    ],
)
def test_a_closed_way_is_named(planned: Planned, says: str) -> None:
    assert any(says in sentence for sentence in found(planned)), found(planned)


def test_an_endpoint_without_private_dns_leaves_the_way_over_the_gateway() -> None:
    planned = [each for each in network() if each[1].get("vpc_endpoint_type") != "Interface"]
    planned.append(rule("egress", "admin", 443, "0.0.0.0/0"))
    assert found([each for each in planned if each not in talk("admin", "endpoints", 443)]) == []


def test_a_rule_for_addresses_opens_the_way_to_a_group() -> None:
    planned = without(rule("ingress", "aurora", 3306, "mwaa"), rule("egress", "mwaa", 3306, "aurora"))
    planned += [rule("ingress", "aurora", 3306, "10.0.0.0/16"), rule("egress", "mwaa", 3306, "10.0.0.0/16")]
    assert found(planned) == []
