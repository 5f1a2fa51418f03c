"""Writes the rows of one INSERT of a dump over a driver connection: as a LOAD DATA stream, or as INSERT."""

from __future__ import annotations

from pymysql.err import MySQLError

from include.dump.row_warnings import TooManyWarnings, duplicates, has_error_values, pieces
from include.dump.scanner import Statement
from include.dump.transport import NOT_ABOUT_INSERTED_ROWS, NOT_ABOUT_ROWS, SQL_MODE, check_size
from include.warehouse.buffer_connection import DDL_BUFFER_BYTES, BufferConnection
from include.warehouse.endpoint import Endpoint
from include.warehouse.server_errors import LOCAL_INFILE_OFF

# Reads the rows of an INSERT as they are, once the last `;` is a `,` (hazard 31).
LOAD_DATA = (
    b"LOAD DATA LOCAL INFILE 'rows' INTO TABLE `%s` CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' "
    rb"OPTIONALLY ENCLOSED BY '\'' ESCAPED BY '\\' LINES STARTING BY '(' TERMINATED BY '),' %s"
)
# Fewer than the 65,535 up to which an answer counts them, so that more of them are noticed.
WARNINGS_KEPT = 60_000


def open_writer(endpoint: Endpoint, schema: str) -> BufferConnection:
    """Return a connection on which rows mean what the dump says.

    Raises:
        pymysql.err.MySQLError: the server cannot be reached or refuses the login.
    """
    connection = BufferConnection(endpoint, schema)
    connection.execute(f"SET SESSION sql_mode = '{SQL_MODE}', foreign_key_checks = 0")
    connection.set_where_known("max_error_count", WARNINGS_KEPT)
    connection.set_where_known("innodb_ddl_buffer_size", DDL_BUFFER_BYTES)
    return connection


class RowWriter:
    """Writes rows, over any number of connections to one server.

    Args:
        source: what messages call the dump.
        max_packet_bytes: the server's `max_allowed_packet`.
        local_infile: whether the server takes LOAD DATA LOCAL.

    Attributes:
        notes: what people should know of how rows were sent.
        max_packet_bytes: the server's.
    """

    def __init__(self, source: str, max_packet_bytes: int, local_infile: bool) -> None:
        self.notes: list[str] = []
        self._source = source
        self.max_packet_bytes = max_packet_bytes
        self._local_infile = local_infile
        if not local_infile:
            self._note_local_infile()

    @classmethod
    def on(cls, connection: BufferConnection, source: str) -> RowWriter:
        """Return a writer for the server of a connection."""
        ((max_packet_bytes, local_infile),) = connection.select("SELECT @@max_allowed_packet, @@local_infile")
        return cls(source, int(max_packet_bytes), bool(local_infile))

    def store(self, connection: BufferConnection, statement: Statement) -> list[str]:
        """Run an INSERT of the dump in whichever way is safe; return what the server says about duplicate keys.

        Whether every row arrived is known when the table is counted.

        Raises:
            DumpError: the server would store a row as something else.
            TooManyWarnings: the server had more warnings than it kept.
            pymysql.err.MySQLError: it refused the rows, or is gone.
        """
        if not has_error_values(statement):
            return self._run(connection, statement)
        if not statement.definition.transactional:
            return [text for piece in pieces(statement) for text in self._run(connection, piece)]
        connection.begin()
        try:
            found = self._run(connection, statement)
        except TooManyWarnings:
            connection.rollback()
            return [text for piece in pieces(statement) for text in self._run(connection, piece)]
        connection.commit()
        return found

    def _run(self, connection: BufferConnection, statement: Statement) -> list[str]:
        loaded = statement.loadable and self._local_infile
        if loaded:
            try:
                self._load(connection, statement)
            except MySQLError as error:
                if error.args[0] not in LOCAL_INFILE_OFF:
                    raise
                self._local_infile = loaded = False
                self._note_local_infile()
                self._insert_ignore(connection, statement)
        else:
            self._insert_ignore(connection, statement)
        count = connection.warning_count()
        warnings = connection.warnings()
        if count > len(warnings):
            raise TooManyWarnings(count, [code for code, _ in warnings])
        passed_over = NOT_ABOUT_ROWS if loaded else NOT_ABOUT_INSERTED_ROWS
        return duplicates(self._source, statement, [(code, text) for code, text in warnings if code not in passed_over])

    def _load(self, connection: BufferConnection, statement: Statement) -> None:
        query = LOAD_DATA % (statement.table.encode(), statement.columns)
        connection.load(query, (memoryview(statement.data)[statement.rows_at :], b","))

    def _insert_ignore(self, connection: BufferConnection, statement: Statement) -> None:
        check_size(self._source, statement, self.max_packet_bytes)
        connection.execute(statement.insert_head + memoryview(statement.data)[statement.rows_at :])

    def _note_local_infile(self) -> None:
        self.notes.append(
            "local_infile is off, so rows went as INSERT, which takes longer; turn it on in the parameter group"
        )
