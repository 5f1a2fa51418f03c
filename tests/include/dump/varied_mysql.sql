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
