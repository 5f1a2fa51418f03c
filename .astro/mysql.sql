-- The logins for the MySQL of `astro dev start`. The grants are those of infra/database/grants.sql (a test holds
-- them equal), where each is explained.
CREATE USER 'loader'@'%' IDENTIFIED BY 'loader';
CREATE USER 'restore'@'%' IDENTIFIED BY 'restore';
CREATE USER 'dbt'@'%' IDENTIFIED BY 'dbt';
CREATE USER 'bi'@'%' IDENTIFIED BY 'bi';
GRANT ALL ON `staging`.* TO 'loader'@'%';
GRANT ALL ON `staging\_next`.* TO 'loader'@'%';
GRANT ALL ON `staging\_prev`.* TO 'loader'@'%';
GRANT ALL ON `history`.* TO 'loader'@'%';
GRANT ALL ON `ops`.* TO 'loader'@'%';
GRANT ALL ON `backfill`.* TO 'loader'@'%';
GRANT ALL ON `backfill\_next`.* TO 'loader'@'%';
GRANT ALL ON `backfill\_prev`.* TO 'loader'@'%';
GRANT INSERT, CREATE, ALTER, DROP, REFERENCES ON `staging\_next`.* TO 'restore'@'%';
GRANT INSERT, CREATE, ALTER, DROP, REFERENCES ON `backfill\_next`.* TO 'restore'@'%';
GRANT SELECT ON `staging`.* TO 'dbt'@'%';
GRANT SELECT ON `history`.* TO 'dbt'@'%';
GRANT SELECT ON `ops`.* TO 'dbt'@'%';
GRANT ALL ON `silver`.* TO 'dbt'@'%';
GRANT ALL ON `gold`.* TO 'dbt'@'%';
GRANT ALL ON `gold\_next`.* TO 'dbt'@'%';
GRANT ALL ON `gold\_prev`.* TO 'dbt'@'%';
GRANT ALL ON `seeds`.* TO 'dbt'@'%';
GRANT ALL ON `test\_results`.* TO 'dbt'@'%';
GRANT ALL ON `tokyobeta`.* TO 'dbt'@'%';
GRANT PROCESS ON *.* TO 'dbt'@'%';
GRANT SELECT ON `performance\_schema`.* TO 'dbt'@'%';
GRANT SELECT ON `gold`.* TO 'bi'@'%';
