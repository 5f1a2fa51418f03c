-- What only MySQL 8 and later have (test_real_dumps.py).
CREATE TABLE varied_own (
  id int NOT NULL,
  name varchar(40) DEFAULT NULL,
  code char(36) NOT NULL DEFAULT (uuid()),
  hidden int DEFAULT '7' /*!80023 INVISIBLE */,
  PRIMARY KEY (id),
  KEY folded ((lower(name))),
  KEY unseen (code) /*!80000 INVISIBLE */
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;
INSERT INTO varied_own (id, name, code, hidden) VALUES (1,'Ａ','x',1),(2,NULL,'y',NULL);

CREATE TABLE varied_accents (name varchar(40) NOT NULL, PRIMARY KEY (name))
  ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_as_cs;
INSERT INTO varied_accents VALUES ('e'),('é'),('E'),('ハ'),('バ'),('パ');

CREATE TABLE varied_definition (
  id int NOT NULL,
  `a``b ),(` varchar(40) DEFAULT (concat('x''y; ),(', "/* z */")) COMMENT 'it''s -- /*!50000 x */ # \\ 山🏠',
  moment datetime(3) DEFAULT (now(3) + interval 1 year),
  document json DEFAULT (json_object('a', json_array(1, -2.5e3, NULL))),
  place point NOT NULL SRID 4326,
  fixed int STORAGE MEMORY COLUMN_FORMAT FIXED DEFAULT -5,
  words text,
  PRIMARY KEY (id),
  KEY computed ((case when id > 1 then _utf8mb4'a''b' else lower(`a``b ),(`) end), id DESC),
  KEY `it's "a" key` (fixed) INVISIBLE COMMENT 'it''s ),\n KEY',
  FULLTEXT KEY words (words) WITH PARSER ngram,
  SPATIAL KEY place (place),
  CONSTRAINT `let it be` CHECK (id < 1.5e10 AND `a``b ),(` NOT LIKE 'q\\_%') NOT ENFORCED
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_ja_0900_as_cs_ks STATS_PERSISTENT=1 STATS_SAMPLE_PAGES=9 COMMENT='/*!99999 x */ it''s';
INSERT INTO varied_definition (id, place) VALUES (1,ST_SRID(POINT(139.7,35.5),4326)),(2,ST_SRID(POINT(0,0),4326));
