"""What the error codes of MySQL, MariaDB and their client libraries mean for those who must act.

One table for everybody: the load, the alerts, the recovery, the preflight. An error is either the trouble of a server
that may recover (`passing`), or a table that this server cannot have as it is set, or neither: then
`trouble` returns None and the fault lies in the statement.

Codes below 1000 are those of the file system layer, codes from 2000 to 2999 those of the client libraries:
https://dev.mysql.com/doc/mysql-errors/8.0/en/, https://mariadb.com/kb/en/mariadb-error-codes/.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from include.warehouse.masking import mask_values

DUPLICATE_KEY = 1062
NO_SUCH_SCHEMA, NO_SUCH_COLUMN, NO_SUCH_TABLE = 1049, 1054, 1146
SCHEMA_DENIED, TABLE_DENIED = 1044, 1142
NO_SUCH_SESSION = 1094
# The schema or the table is not there.
ABSENT = (NO_SUCH_SCHEMA, NO_SUCH_TABLE)
# The same for a login that has no rights: a server then does not say whether the table is there.
ABSENT_OR_HIDDEN = (*ABSENT, TABLE_DENIED)
# Somebody ended the session.
KILLED = (1927, 3169)
# A variable that this server does not have, that the login may not set, or that is read-only.
CANNOT_SET = (1193, 1227, 1238)
# What servers answer to LOAD DATA LOCAL when `local_infile` is off.
LOCAL_INFILE_OFF = (1148, 3948, 4166)
# A lock was waited for too long, or two statements waited for each other.
LOCK_CONFLICTS = (1205, 1213)
# Errors of the connection, for example 2013, lost connection.
CLIENT_ERRORS = range(2000, 3000)


@dataclass(frozen=True)
class Trouble:
    """One kind of trouble.

    Attributes:
        says: what the server lacks or does, to be read after "the server".
        remedy: what to do about it.
        passing: another try may meet a server that is well; otherwise the table cannot exist as the server is set.
        rights: the login may not do it.
    """

    says: str
    remedy: str
    passing: bool = True
    rights: bool = False


LOST = Trouble("lost the connection", "see whether it restarts or fails over, then try again")
UNREACHABLE = Trouble("cannot be reached", "check its address, its security group and whether it runs, then try again")
TLS = Trouble("could not agree on TLS", "check the connection's ssl_ca and the server's certificate, then try again")
STOPPING = Trouble("is shutting down or not in service", "try again once it runs")
READ_ONLY = Trouble(
    "is read-only, as after a failover",
    "check that the connection names the cluster's writer endpoint, then try again",
)
CONNECTIONS = Trouble(
    "has no connection or thread left for this login (max_connections, max_user_connections)",
    "end sessions that nobody needs (recover_locks shows them), then try again",
)
MEMORY = Trouble(
    "has not enough memory (FreeableMemory, sort_buffer_size)",
    "end what else runs there or give it a bigger instance, then try again",
)
SPACE = Trouble(
    "has no disk or temporary space left (innodb_tmpdir, tmpdir, FreeLocalStorage)",
    "free or add space, then try again",
)
FILES = Trouble("cannot open more files (open_files_limit)", "raise open_files_limit, then try again")
LOCKED = Trouble("gave up waiting for a lock", "see in recover_locks who holds it and have that ended, then try again")
INTERRUPTED = Trouble("interrupted the statement (KILL or a time limit)", "see who ended it, then try again")
RIGHTS = Trouble(
    "refuses the login or does not let it do this",
    "check the password of the connection and the grants of its user, then try again",
    rights=True,
)
GONE = Trouble("lacks the schema", "see who dropped it, then try again")
ENGINE = Trouble("has trouble with its files or its storage engine", "look into its error log, then try again")
UNKNOWN = Trouble("gave up without naming a reason", "look into its error log, then try again")


def _never(says: str, remedy: str) -> Trouble:
    return Trouble(says, remedy, passing=False)


WIDE_ROW = _never(
    "does not take a row as wide as this", "set innodb_strict_mode=OFF in its parameter group and try again"
)
WIDE_KEY = _never(
    "does not take a key as long as this",
    "set innodb_default_row_format=DYNAMIC in its parameter group, or have ROW_FORMAT removed from the table at its "
    "source",
)
TABLE_OPTIONS = _never(
    "does not take the options of the table, such as its ROW_FORMAT or KEY_BLOCK_SIZE",
    "set innodb_strict_mode=OFF in its parameter group and try again",
)
KEY_REQUIRED = _never(
    "does not take a table without a primary key",
    "set sql_require_primary_key=OFF (MariaDB: innodb_force_primary_key=OFF) in its parameter group and try again",
)
PACKET = _never(
    "does not take a statement as big as this", "raise max_allowed_packet in its parameter group and try again"
)
LOCAL_INFILE = _never("has local_infile turned off", "set local_infile=ON in its parameter group and try again")
OF_MARIADB = _never(
    "is MySQL and this is a MariaDB dump that MySQL cannot take",
    "have the table changed at its source, or the dump taken from a MySQL server",
)
OF_MYSQL = _never(
    "is MariaDB and this is a MySQL dump that MariaDB cannot take",
    "load it into MySQL or Aurora MySQL",
)
COLLATION = _never(
    "does not know the character set or the collation",
    "load it into a server of the version that the dump was taken from, or have the table changed at its source",
)
ENGINE_UNKNOWN = _never(
    "does not have the storage engine or the plugin",
    "have the table changed to InnoDB at its source and the dump taken again",
)
PLACE = _never(
    "does not have the tablespace, the folder or the encryption key that the table names",
    "have the dump taken from a database without them, or add them to the server",
)

_CODES: dict[Trouble, tuple[int, ...]] = {
    LOST: (1152, 1154, 1155, 1156, 1157, 1158, 1159, 1160, 1161, 1184, 4031, *CLIENT_ERRORS),
    UNREACHABLE: (1042, 1043, 2001, 2002, 2003, 2004, 2005, 2009),
    TLS: (2026, 3159),
    STOPPING: (1053, 1077, 1079, 3032, 3168),
    READ_ONLY: (1036, 1223, 1290, 1792, 1836, 1874),
    CONNECTIONS: (1040, 1129, 1135, 1203, 1226, 1637),
    MEMORY: (5, 1037, 1038, 1041, 1206, 1257, 2008, 3015, 3170),
    SPACE: (3, 20, 1021, 1114, 1197, 1799, 1878, 3019),
    FILES: (23,),
    LOCKED: (1020, *LOCK_CONFLICTS, 1412, 1614, 1689, 3058, 3572),
    INTERRUPTED: (1028, 1317, 1927, 1969, 3024, 3169),
    RIGHTS: (
        *(1044, 1045, 1095, 1130, 1131, 1132, 1133, 1141, 1142, 1143, 1147, 1227, 1251, 1370, 1396, 1410, 1419, 1449),
        *(1524, 1698, 1820, 1862, 1873, 2059, 2061, 3118, 3530, 3879, 3955, 4151),
    ),
    GONE: (NO_SUCH_SCHEMA,),
    ENGINE: (
        *(1, 2, 4, 6, 1016, 1023, 1024, 1026, 1030, 1034, 1035, 1180, 1194, 1195, 1296, 1297, 1712, 1812, 1814),
        *(1815, 1877),
    ),
    KEY_REQUIRED: (1173, 3750),
    TABLE_OPTIONS: (1031, 1478),
    WIDE_KEY: (1071, 1709),
    PACKET: (1153, 2020),
    LOCAL_INFILE: LOCAL_INFILE_OFF,
    COLLATION: (1115, 1253, 1273),
    ENGINE_UNKNOWN: (1128, 1286),
    PLACE: (3121, 3185, 3510, 3825),
    OF_MYSQL: (1911, 4161),
    OF_MARIADB: (1101, 3105),  # defaults of TEXT columns, and values of generated ones, which only mariadb-dump writes
}
_BY_CODE = {code: trouble for trouble, codes in _CODES.items() for code in codes}

# How servers write the error of the file system, or of the storage engine, inside their own.
_INNER = re.compile(r"(?:\berrno:? |[Ee]rror )(\d+)")
_WITH_INNER = (1, 2, 3, 4, 6, 20, 1004, 1005, 1006, 1010, 1016, 1023, 1024, 1025, 1026, 1030, 1180, 1296, 1297, 1815)
# `errno` of Linux up to 133, HA_ERR of the storage engines from 120. 122 is the first to those who write a file (disk
# quota) and an unknown error to those who ask an engine, where space is the first thing to look at, too.
_BY_INNER = (
    {12: MEMORY, 128: MEMORY, 23: FILES, 24: FILES, 28: SPACE, 122: SPACE, 135: SPACE, 136: SPACE}
    | {30: READ_ONLY, 165: READ_ONLY, 146: LOCKED, 147: LOCKED, 149: LOCKED, 5: ENGINE, 13: ENGINE, 168: ENGINE}
    | {139: WIDE_ROW, 140: TABLE_OPTIONS}
)

_MARIADB_ONLY = re.compile(
    r"near '(?:(?:with(?:out)? )?system versioning|inet[46]|uuid|xmltype|compressed|page_compress|page_checksum"
    r"|transactional|encrypt|ietf_quotes|nextval|lastval|sequence|invisible|ignored|persistent|period for"
    r"|with slave|table_checksum|row_format=page)",
    re.I,
)
_MYSQL_ONLY = re.compile(r"near '(?:start transaction|srid|secondary_|engine_attribute|visible|\()", re.I)
_NEAR_SERVER = re.compile(r"your (MariaDB|MySQL) server version")
_COLLATIONS = ((re.compile(r"uca1400|nopad", re.I), OF_MARIADB), (re.compile(r"0900|gb18030", re.I), OF_MYSQL))


def trouble(code: int, text: str = "") -> Trouble | None:
    """Return what an error means for the server, or None when the statement is at fault.

    Args:
        code: of the server or of the client library; 0 when there is none.
        text: the message that came with it; some codes mean several things.
    """
    if not code:
        return UNKNOWN
    if code in _WITH_INNER and (inner := _INNER.search(text)) and int(inner[1]) in _BY_INNER:
        return _BY_INNER[int(inner[1])]
    if code == 1290:  # the server runs with an option that forbids it
        return READ_ONLY if re.search(r"read[-_ ]only", text, re.I) else RIGHTS
    if code == 1118:  # 65,535 bytes is the limit of every server; the other is that of an InnoDB page
        return None if "65535" in text else WIDE_ROW
    if code in _CODES[COLLATION]:
        return next((trouble for names, trouble in _COLLATIONS if names.search(text)), COLLATION)
    if code == 1064:
        return _of_another_server(text)
    return _BY_CODE.get(code)


def _of_another_server(text: str) -> Trouble | None:
    """Return what a syntax error says about where a definition comes from; the server names itself in it."""
    server = _NEAR_SERVER.search(text)
    if server and server[1] == "MySQL":
        return OF_MARIADB if _MARIADB_ONLY.search(text) else None
    return OF_MYSQL if server and _MYSQL_ONLY.search(text) else None


def error_code(error: BaseException) -> int:
    """Return the code of a driver's exception, or 0."""
    return error.args[0] if error.args and isinstance(error.args[0], int) else 0


def trouble_of(error: BaseException) -> Trouble | None:
    """Return what a driver's exception means; see `trouble`."""
    return trouble(error_code(error), str(error.args[-1]) if error.args else "")


def is_lost(error: BaseException) -> bool:
    """Whether a driver's exception means that nothing can be asked on its connection any more."""
    return trouble_of(error) in (LOST, UNREACHABLE, TLS, STOPPING, UNKNOWN) or error_code(error) in KILLED


def is_passing(error: BaseException) -> bool:
    """Whether a driver's exception tells of a server that may recover."""
    found = trouble_of(error)
    return bool(found and found.passing)


def sentence(error: BaseException) -> str:
    """Return a driver's exception in one sentence that says what the server lacks and what to do; without values."""
    said = mask_values(str(error.args[-1])) if error.args else type(error).__name__
    if found := trouble_of(error):
        return f"the server {found.says} (error {error_code(error)}: {said}); {found.remedy}"
    return f"the server refused a statement (error {error_code(error)}: {said}); look into its error log"


def passing_codes(rights: bool) -> tuple[int, ...]:
    """Return the server's codes of trouble that may pass: those about rights, or all others."""
    return tuple(
        sorted(
            code
            for code, found in _BY_CODE.items()
            if code >= 1000 and code not in CLIENT_ERRORS and found.passing and found.rights == rights
        )
    )
