"""One date of a table as one Parquet object.

The object is put under its final key by one request, which S3 either takes whole or not at all: a reader meets the old
rows or the new ones, never both and never half of them, and a task that is killed repeats the date. The same rows give
the same bytes, as long as the version of pyarrow is the same.

pyarrow is imported only where rows are read or written: neither a DAG that is parsed nor a platform that writes no
Parquet pays for it.
"""

from __future__ import annotations

import io
import re
from datetime import date
from typing import TYPE_CHECKING, Any

import MySQLdb
import MySQLdb.cursors
from botocore.exceptions import ClientError

from include.lake.tables import PARTITION, Column, Table

if TYPE_CHECKING:
    import pyarrow
    from types_boto3_s3 import S3Client

PREFIX = "history/"
FILE = "rows.parquet"
# Rows that are in memory as Python objects at a time; as Arrow columns a date of 50,000 tenants has 0.6 MB.
ROWS_AT_A_TIME = 50_000
# A server that is silent for so long in the middle of rows is lost.
ROW_SECONDS = 60


class LakeError(Exception):
    """A partition cannot be written or read; the message says which and what to do."""


def partition_key(table: Table, day: date) -> str:
    """Return the key of a date's object."""
    return f"{PREFIX}{table.name}/{PARTITION}={day}/{FILE}"


def stored_dates(s3: S3Client, bucket: str, table: Table) -> set[date]:
    """Return the dates that have an object."""
    prefix = f"{PREFIX}{table.name}/"
    named = re.compile(rf"{re.escape(prefix)}{PARTITION}=(\d{{4}}-\d{{2}}-\d{{2}})/{re.escape(FILE)}")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = (item["Key"] for page in pages for item in page.get("Contents", ()))
    return {date.fromisoformat(match[1]) for key in keys if (match := named.fullmatch(key))}


def source_dates(connection: MySQLdb.Connection, table: Table, since: date = date.min) -> set[date]:
    """Return the dates of which the database has rows, from `since` on."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT {PARTITION} FROM {table.source} WHERE {PARTITION} >= %s", (since,))
        return {day for (day,) in cursor.fetchall()}


def read_source(connection: MySQLdb.Connection, table: Table, day: date) -> pyarrow.Table:
    """Return the rows of a date in the database, in the order of the table's key.

    Raises:
        LakeError: there are none although there must be some.
    """
    import pyarrow

    schema, batches = arrow_schema(table), list[Any]()
    names = ", ".join(schema.names)
    with connection.cursor(MySQLdb.cursors.SSCursor) as cursor:
        cursor.execute(
            f"SELECT {names} FROM {table.source} WHERE {PARTITION} = %s ORDER BY {', '.join(table.key)}", (day,)
        )
        while rows := cursor.fetchmany(ROWS_AT_A_TIME):
            columns = zip(zip(*rows, strict=True), schema, strict=True)
            arrays = [pyarrow.array(values, field.type) for values, field in columns]
            batches.append(pyarrow.record_batch(arrays, schema=schema))
    if not batches and not table.may_be_empty:
        raise LakeError(
            f"{table.source} has no rows of {day}, so its Parquet is left as it is; run gghouse_daily of that date, or "
            "recover_history when its dump is gone"
        )
    return pyarrow.Table.from_batches(batches, schema).combine_chunks()


def encode(rows: pyarrow.Table) -> bytes:
    """Return rows as the content of a Parquet file."""
    from pyarrow import parquet

    content = io.BytesIO()
    # without pyarrow's own description of the columns: every reader gets the types from the same place
    parquet.write_table(rows, content, compression="zstd", store_schema=False, write_page_checksum=True)
    return content.getvalue()


def put(s3: S3Client, bucket: str, table: Table, day: date, content: bytes) -> None:
    """Put the object of a date in its place, whether or not there is one."""
    s3.put_object(
        Bucket=bucket, Key=partition_key(table, day), Body=content, ContentType="application/vnd.apache.parquet"
    )


def fetch(s3: S3Client, bucket: str, table: Table, day: date) -> bytes | None:
    """Return the object of a date, None when there is none."""
    try:
        return s3.get_object(Bucket=bucket, Key=partition_key(table, day))["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
            return None
        raise


def decode(content: bytes) -> pyarrow.Table:
    """Return the rows of a Parquet file.

    Raises:
        LakeError: it is none, or a page does not have its checksum.
    """
    import pyarrow
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(io.BytesIO(content), page_checksum_verification=True) as file:
            return file.read()
    except (pyarrow.ArrowException, OSError) as error:
        raise LakeError(f"it cannot be read as Parquet ({error})") from error


def arrow_schema(table: Table) -> pyarrow.Schema:
    """Return the columns of a table as Arrow's types."""
    import pyarrow

    def arrow_type(column: Column) -> pyarrow.DataType:
        if column.type == "int":
            return pyarrow.int32()
        if column.type == "date":
            return pyarrow.date32()
        precision, scale = re.fullmatch(r"decimal\((\d+),(\d+)\)", column.type).groups()  # type: ignore[union-attr]
        return pyarrow.decimal128(int(precision), int(scale))

    return pyarrow.schema([(column.name, arrow_type(column)) for column in table.columns])
