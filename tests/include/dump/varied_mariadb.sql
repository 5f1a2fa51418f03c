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
