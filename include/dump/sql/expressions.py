"""Expressions in a definition: defaults, generated columns, checks, keys over expressions, partitions.

They may hold literals, the table's own columns, operators, and a short list of functions that compute something from
their arguments: none that waits, locks, reads a file, a variable, another table or the server itself.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from include.dump.sql.reader import IDENTIFIER, Reader, words
from include.dump.sql.tokens import Kind, NotUnderstood, Token, name, string

MAX_DEPTH = 100


FUNCTIONS = words("""
    abs acos adddate addtime ascii asin atan atan2 bin bin_to_uuid bit_count bit_length cast ceil ceiling char
    char_length character_length coalesce concat concat_ws conv convert convert_tz cos cot crc32 curdate current_date
    current_time current_timestamp curtime date date_add date_format date_sub datediff day dayname dayofmonth
    dayofweek dayofyear degrees elt exp extract field find_in_set floor format from_base64 from_days from_unixtime
    geometrycollection geometryfromtext geomfromtext greatest hex hour if ifnull inet6_aton inet6_ntoa inet_aton
    inet_ntoa insert instr is_ipv4 is_ipv6 is_uuid isnull json_array json_array_append json_array_insert json_compact
    json_contains json_contains_path json_depth json_detailed json_equals json_exists json_extract json_insert
    json_keys json_length json_loose json_merge json_merge_patch json_merge_preserve json_normalize json_object
    json_overlaps json_pretty json_query json_quote json_remove json_replace json_schema_valid json_search json_set
    json_type json_unquote json_valid json_value last_day lcase least left length linestring ln localtime
    localtimestamp locate log log10 log2 lower lpad ltrim makedate maketime md5 microsecond mid minute mod month
    monthname now nullif nvl nvl2 oct octet_length ord period_add period_diff pi point polygon position pow power
    quarter quote radians rand random_bytes regexp_instr regexp_like regexp_replace regexp_substr repeat replace
    reverse right round rpad rtrim sec_to_time second sha sha1 sha2 sign sin soundex space sqrt st_astext st_distance
    st_geometryfromtext st_geomfromtext st_latitude st_length st_longitude st_pointfromtext st_srid st_x st_y
    str_to_date strcmp string_to_vector subdate substr substring substring_index subtime tan time time_format
    time_to_sec timediff timestamp timestampadd timestampdiff to_base64 to_days to_seconds trim truncate ucase unhex
    unix_timestamp upper utc_date utc_time utc_timestamp uuid uuid_short uuid_to_bin vec_fromtext week weekday
    weekofyear weight_string year yearweek
""")
_WITHOUT_BRACKETS = words("current_date current_time current_timestamp localtime localtimestamp utc_date utc_time")
_OPERATORS = words("""
    and between binary div escape false in is like member mod not null of or regexp rlike sounds true unknown xor
    case when then else end interval collate as using from for both leading trailing returning on empty error
""")
_UNITS = words("""
    microsecond second minute hour day week month quarter year second_microsecond minute_microsecond minute_second
    hour_microsecond hour_second hour_minute day_microsecond day_second day_minute day_hour year_month
""")
_TYPES = words("""
    signed unsigned integer int char nchar binary decimal double float real date datetime time year json charset
    character set array zerofill
""")
# Words that may stand before a `(`; the types among them take a length there.
_BEFORE_BRACKET = (
    words("""
    and between binary div else escape in interval is like mod not of or regexp rlike then when xor case char binary
    decimal float datetime time as array year from collate using
""")
    | FUNCTIONS
)
_LITERALS = words("date time timestamp")
_SIGNS = words("+ - * / % = <=> < > <= >= <> != & | ^ ~ << >> || && ! , -> ->>")


def expression(reader: Reader, columns: Container[str], also: Container[str] = ()) -> str:
    """Read an expression whose opening bracket was read, up to and with its closing one; return it without them.

    Args:
        reader: behind the `(`.
        columns: names in small letters, for those that the dump writes without quotes.
        also: further words that may stand at this place.

    Raises:
        NotUnderstood: it holds something that is not on the lists.
    """
    return " ".join(_pieces(reader, columns, also))


def _pieces(reader: Reader, columns: Container[str], also: Container[str]) -> Iterator[str]:
    depth = 0
    while True:
        token = reader.take()
        if token.kind is Kind.END:
            raise NotUnderstood("an expression without its end")
        if token.kind is Kind.SIGN and token.text in "()":
            depth += 1 if token.text == "(" else -1
            if depth < 0:
                return
            if depth > MAX_DEPTH:
                raise NotUnderstood(f"an expression of more than {MAX_DEPTH} brackets in one another")
            yield token.text
        elif token.kind is Kind.WORD and token.text in also:
            yield token.text
        else:
            piece = _piece(reader, token, columns)
            depth += token.kind is Kind.WORD and piece.endswith("(")
            yield piece


def _piece(reader: Reader, token: Token, columns: Container[str]) -> str:
    following = reader.peek()
    if token.kind is Kind.NAME:
        if following == Token(Kind.SIGN, "(") or following == Token(Kind.SIGN, "."):
            raise NotUnderstood("a name with a schema, or a function of somebody's own")
        return name(token.text)
    if token.kind is Kind.STRING:
        return string(token.text)
    if token.kind in (Kind.NUMBER, Kind.BITS):
        return token.text
    if token.kind is Kind.SIGN:
        if token.text not in _SIGNS:
            raise NotUnderstood(f"{token.text!r} in an expression")
        return token.text
    return _word(reader, token, columns)


def _word(reader: Reader, token: Token, columns: Container[str]) -> str:
    word = token.text
    if word.startswith("_") and reader.peek().kind in (Kind.STRING, Kind.BITS):
        return introduced(reader, word)
    if reader.next_is("("):
        if word not in _BEFORE_BRACKET:
            raise NotUnderstood(f"{word[:64].upper()}(), which is none of the functions that a definition may hold")
        if word in FUNCTIONS and word not in _OPERATORS:
            reader.expect("(")
            return f"{word}("  # without a blank, which some functions must not have there
        return word
    if word in _LITERALS and reader.peek().kind is Kind.STRING:
        return word
    if word in _OPERATORS or word in _UNITS or word in _TYPES or word in _WITHOUT_BRACKETS:
        if word in ("collate", "using", "charset", "set"):
            return f"{word} {reader.identifier('a character set or collation')}"
        return word
    if word in columns:
        return name(token.written)
    raise NotUnderstood(f"the word {word[:64].upper()} in an expression")


def introduced(reader: Reader, introducer: str) -> str:
    """Read the string behind a character set's introducer, for example `_utf8mb4`."""
    if not IDENTIFIER.fullmatch(introducer):
        raise NotUnderstood("a string of a character set that is none")
    token = reader.take()
    return f"{introducer} {string(token.text) if token.kind is Kind.STRING else token.text}"
