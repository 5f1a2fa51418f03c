-- What only MariaDB has (test_real_dumps.py).
CREATE TABLE varied_own (
  id int NOT NULL,
  code uuid NOT NULL DEFAULT uuid(),
  address inet6 DEFAULT NULL,
  hidden int INVISIBLE DEFAULT 7,
  PRIMARY KEY (id),
  KEY unseen (code) IGNORED
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;
INSERT INTO varied_own (id, code, address, hidden) VALUES
  (1,'123e4567-e89b-12d3-a456-426655440000','::1',1),(2,uuid(),NULL,NULL);

CREATE TABLE varied_definition (
  id int NOT NULL,
  `a``b ),(` varchar(40) DEFAULT concat('x''y; ),(', "/* z */") COMMENT 'it''s -- /*!50000 x */ # \\ 山🏠',
  moment datetime(3) DEFAULT (current_timestamp(3) + interval 1 year),
  document json DEFAULT json_object('a', json_array(1, -2.5e3, NULL)),
  squeezed text COMPRESSED DEFAULT 'it''s',
  host inet4 DEFAULT '10.0.0.1',
  PRIMARY KEY (id),
  KEY `it's "a" key` (host) COMMENT 'it''s ),\n KEY',
  CONSTRAINT `let it be` CHECK (id < 1.5e10 AND `a``b ),(` NOT LIKE 'q\\_%')
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin PAGE_COMPRESSED=1 COMMENT='/*M!999999 x */ it''s';
INSERT INTO varied_definition (id) VALUES (1),(2);

CREATE TABLE varied_aria (id int NOT NULL, a varchar(20) DEFAULT NULL, PRIMARY KEY (id))
  ENGINE=Aria DEFAULT CHARSET=utf8mb4 PAGE_CHECKSUM=1 TRANSACTIONAL=1;
INSERT INTO varied_aria VALUES (1,'x');
