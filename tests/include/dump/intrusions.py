"""Definitions of tables with something between two tokens: comments, quotes, backslashes, control characters.

A scanner that reads such a definition in another way than the server does, sends something that it did not understand.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

# `%s` stands for the table's name.
DEFINITIONS = (
    b"CREATE TABLE `%s` (\n  `id` int NOT NULL,\n  `a` varchar(40) DEFAULT 'it''s' COMMENT 'x',\n"
    b"  PRIMARY KEY (`id`),\n  KEY `a` (`a`(9)) USING BTREE COMMENT 'y'\n)"
    b" ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='z'",
    b"CREATE TABLE `%s` (\n  `id` int unsigned NOT NULL AUTO_INCREMENT,\n  `d` decimal(9,2) DEFAULT '-1.50',\n"
    b"  `e` enum('a','b') NOT NULL DEFAULT 'a',\n  `t` timestamp NULL DEFAULT CURRENT_TIMESTAMP,\n"
    b"  PRIMARY KEY (`id`)\n) ENGINE=InnoDB AUTO_INCREMENT=5 ROW_FORMAT=DYNAMIC",
    b"CREATE TABLE `%s` (\n  `id` int NOT NULL,\n  `n` int DEFAULT (1 + 2),\n"
    b"  `g` int GENERATED ALWAYS AS (`id` * 2) STORED,\n"
    b"  CONSTRAINT `c%s` CHECK (`n` > 0)\n) ENGINE=InnoDB",
    b"CREATE TABLE `%s` (\n  `id` int NOT NULL,\n  `a` text,\n  KEY `k` (`id`)\n) ENGINE=InnoDB\n"
    b"/*!50100 PARTITION BY RANGE (`id`)\n(PARTITION `p` VALUES LESS THAN (10) COMMENT = 'w',\n"
    b" PARTITION `q` VALUES LESS THAN MAXVALUE) */",
)
TOKEN = re.compile(rb"\s*(?:`[^`]*`|'[^']*'|/\*!\d+|\*/|\w+|\S)")

# Below, around and above the versions of the servers, with 0 to 7 digits.
VERSIONS = (
    *("", "0", "9", "4000", "9999", "40000", "50100", "50699", "50700", "80000", "80023", "90700", "90900", "99999"),
    *("050100", "100000", "100100", "101100", "120000", "999999", "0501000", "5010000", "9999999"),
)
INSIDE = (
    *(
        b"",
        b" ",
        b"'",
        b'"',
        b"`",
        b"\\",
        b";",
        b"(",
        b")",
        b",",
        b" '",
        b' "',
        b" `",
        b" \\'",
        b" x ",
        b" 'x'",
        b" '*/'",
    ),
    *(b" COMMENT 'v'", b" , `v` int", b" /* x */", b" /*!50000 x */", b" /* ' */", b" -- x\n", b" -- '\n", b" # '\n"),
)
QUOTES = (
    b"'",
    b'"',
    b"`",
    b"''",
    b'""',
    b"'x'",
    b'"x"',
    b"`x`",
    b"'\\''",
    b"'\\",
    b"\\'",
    b"N'x'",
    b"_utf8mb4'x'",
    b"x'41'",
)
OTHERS = (
    b"\\",
    b"\\N",
    b"\\\n",
    b";",
    b"*/",
    b"/*",
    b"/",
    b"*",
    b"(",
    b")",
    b",",
    b".",
    b"@",
    b"@@",
    b"0x",
    b"-",
    b"--",
)
COMMENTS = (
    *(b"/**/", b"/* x */", b"/* ' */", b'/* " */', b"/* ` */", b"/* ; */", b"/* /* */", b"/* -- */", b"/* # */"),
    *(
        b"/*+ ' */",
        b"/*T![x] ' */",
        b"/*m!50000 ' */",
        b"/*M ' */",
        b"/* ! ' */",
        b"/*!/",
        b"/*/",
        b"/* '*/",
        b"/* /*! ' */",
    ),
)


def _versioned(chance: random.Random) -> bytes:
    mark = chance.choice(("/*!", "/*!", "/*M!")) + chance.choice(VERSIONS)
    return mark.encode() + chance.choice(INSIDE) + chance.choice((b"*/", b"*/", b" */", b" */", b" */ */", b""))


def _line(chance: random.Random) -> bytes:
    mark = chance.choice((b"--" + bytes([chance.randrange(256)]), b"--", b"#", b"---"))
    return (
        mark
        + chance.choice((b"", b"x", b"'", b'"', b"`", b"/*", b"*/", b";"))
        + chance.choice((b"\n", b"\n", b"\r", b""))
    )


def intrusion(chance: random.Random) -> bytes:
    """Return what may stand between two tokens and means something else to the next reader."""
    kind = chance.randrange(7)
    if kind < 3:
        return _versioned(chance)
    if kind == 3:
        return _line(chance)
    if kind == 4:
        return bytes([chance.choice((*range(33), 127, 160, 255))]) + chance.choice((b"", b"'", b"`"))
    return chance.choice((QUOTES + OTHERS, COMMENTS)[kind - 5])


def intruded(name: bytes, chance: random.Random) -> bytes:
    """Return the definition of a table of this name, without the `;`, with one or two intrusions.

    Args:
        name: letters and digits.
        chance: decides where and what; half of the time the same thing comes twice, as quotes must.
    """
    tokens = TOKEN.findall(chance.choice(DEFINITIONS).replace(b"%s", name))
    first = intrusion(chance)
    for text in (first, *chance.choice(((), (first,), (intrusion(chance),)))):
        place = chance.randrange(1, len(tokens) + 1)
        tokens.insert(place, chance.choice((b"", b" ", b"\n")) + text + chance.choice((b"", b" ")))
    return b"".join(tokens)


def every_following_byte(name: str) -> Iterator[bytes]:
    """Yield definitions in which two dashes are followed by each byte, and a quote opens behind them."""
    for byte in range(256):
        dashes = b"--" + bytes([byte]) + b"'\n"
        yield b"CREATE TABLE `%s%d` (`id` int) %s COMMENT='x' %s" % (name.encode(), byte, dashes, dashes)
