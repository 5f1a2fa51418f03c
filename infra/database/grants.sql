-- What each database login may do: the one source for Aurora (`python -m infra database`), the local platform
-- and, held to it by tests/infra/test_astro.py, the MySQL of `astro dev start` (.astro/mysql.sql).

GRANT ALL ON `staging`.* TO 'loader'@'%';
GRANT ALL ON `staging\_next`.* TO 'loader'@'%';
GRANT ALL ON `staging\_prev`.* TO 'loader'@'%';
GRANT ALL ON `history`.* TO 'loader'@'%';
GRANT ALL ON `ops`.* TO 'loader'@'%';
GRANT ALL ON `backfill`.* TO 'loader'@'%';
GRANT ALL ON `backfill\_next`.* TO 'loader'@'%';
GRANT ALL ON `backfill\_prev`.* TO 'loader'@'%';

-- What a dump says is sent by this login, which reaches nothing but the schema that is being built: whatever a dump
-- makes the server do, it cannot read or change what readers see, the history or the ledger.
GRANT INSERT, CREATE, ALTER, DROP, REFERENCES ON `staging\_next`.* TO 'restore'@'%';
GRANT INSERT, CREATE, ALTER, DROP, REFERENCES ON `backfill\_next`.* TO 'restore'@'%';

-- dbt reads bronze and history, and owns silver, gold and the tables of the reports.
GRANT SELECT ON `staging`.* TO 'dbt'@'%';
GRANT SELECT ON `history`.* TO 'dbt'@'%';
GRANT SELECT ON `ops`.* TO 'dbt'@'%';
GRANT ALL ON `silver`.* TO 'dbt'@'%';
GRANT ALL ON `gold`.* TO 'dbt'@'%';
GRANT ALL ON `gold\_next`.* TO 'dbt'@'%';
GRANT ALL ON `gold\_prev`.* TO 'dbt'@'%';
GRANT ALL ON `reports`.* TO 'dbt'@'%';
GRANT ALL ON `seeds`.* TO 'dbt'@'%';
GRANT ALL ON `test\_results`.* TO 'dbt'@'%';
GRANT ALL ON `tokyobeta`.* TO 'dbt'@'%';
-- recover_locks shows who holds up a publish, which is mostly a reader. Not the loader's: it sends what a dump says.
-- The whole schema, because a grant on a table that MariaDB does not have is refused there.
GRANT PROCESS ON *.* TO 'dbt'@'%';
GRANT SELECT ON `performance\_schema`.* TO 'dbt'@'%';

GRANT SELECT ON `gold`.* TO 'bi'@'%';
GRANT SELECT ON `reports`.* TO 'bi'@'%';
