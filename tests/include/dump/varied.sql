-- One of everything that a vendor's database may hold and both servers know (test_real_dumps.py).
CREATE TABLE varied_number (
  id bigint unsigned NOT NULL AUTO_INCREMENT COMMENT 'comment; with ''quotes'' and `ticks`',
  flag tinyint(1) NOT NULL DEFAULT '1',
  tiny tinyint unsigned DEFAULT NULL,
  small smallint DEFAULT NULL,
  middle mediumint DEFAULT NULL,
  number int DEFAULT NULL,
  big bigint DEFAULT NULL,
  huge bigint unsigned DEFAULT NULL,
  price decimal(20,5) DEFAULT NULL,
  long_price decimal(65,30) DEFAULT NULL,
  single float DEFAULT NULL,
  twice double DEFAULT NULL,
  one bit(1) DEFAULT NULL,
  some bit(13) DEFAULT b'101',
  many bit(64) DEFAULT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='a table); with a comment';
INSERT INTO varied_number VALUES
  (1,0,0,-32768,-8388608,-2147483648,-9223372036854775808,0,-999999999999999.99999,-0.000000000000000000000000000001,-3.4e38,-1.7976931348623157e308,b'0',b'0',0),
  (2,1,255,32767,8388607,2147483647,9223372036854775807,18446744073709551615,999999999999999.99999,12345678901234567890123456789012345.123456789012345678901234567890,3.4e38,1.7976931348623157e308,b'1',b'1111111111111',18446744073709551615),
  (18446744073709551614,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL),
  (4,-1,7,1,2,3,4,5,0.1,0.1,0.1,0.1,b'1',b'0010011100100',0x2729285c2c0a0d00),
  (5,1,0,0,0,0,0,0,0,0,1e-37,2.2250738585072014e-308,b'0',b'1',39);

CREATE TABLE varied_time (
  id int NOT NULL AUTO_INCREMENT,
  d date DEFAULT '0000-00-00',
  dt datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  dt6 datetime(6) DEFAULT NULL,
  ts timestamp NULL DEFAULT NULL,
  ts3 timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  t time DEFAULT NULL,
  t2 time(2) DEFAULT NULL,
  y year DEFAULT NULL,
  PRIMARY KEY (id),
  KEY by_day (d DESC, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
INSERT INTO varied_time VALUES
  (1,'0000-00-00','0000-00-00 00:00:00','0000-00-00 00:00:00.000000','0000-00-00 00:00:00','0000-00-00 00:00:00.000','00:00:00','00:00:00',0),
  (2,'2026-00-00','2026-02-00 10:00:00','9999-12-31 23:59:59.999999','2038-01-19 03:14:07','2038-01-19 03:14:07.999','-838:59:59','838:59:58.99',2155),
  (3,'2026-02-28','1000-01-01 00:00:00','2026-03-02 05:15:00.000001','1970-01-01 00:00:01','1970-01-01 00:00:01.001','12:34:56','-00:00:00.01',1901),
  (4,NULL,'2026-03-02 05:15:00',NULL,NULL,'2026-03-02 05:15:00.500',NULL,NULL,NULL);

CREATE TABLE varied_text (
  id int NOT NULL AUTO_INCREMENT,
  tiny tinytext,
  middle text,
  big longtext,
  `char` char(30) NOT NULL,
  `varchar` varchar(191) DEFAULT 'it''s a \\ default, with \n a line',
  western varchar(50) CHARACTER SET latin1 DEFAULT 'é',
  japanese varchar(50) CHARACTER SET cp932 DEFAULT '表',
  plain varchar(50) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL,
  exact varchar(50) COLLATE utf8mb4_bin DEFAULT NULL,
  choice enum('a','b,c','it''s','日本','') DEFAULT 'a',
  choices set('x','y;','日本') NOT NULL DEFAULT 'x,日本',
  PRIMARY KEY (id),
  KEY prefix (`varchar`(10)),
  KEY two (choice, exact(20)),
  FULLTEXT KEY words (middle, `varchar`),
  FULLTEXT KEY more_words (big)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
INSERT INTO varied_text VALUES
  (1,'','','','','','','','','','',''),
  (2,NULL,NULL,NULL,'x',NULL,NULL,NULL,NULL,NULL,NULL,'x,y;,日本'),
  (3,'十','表示ソ能','\\','trailing  ','ソ','ÿ€','ソ能表','\\','A','it''s','y;');

CREATE TABLE varied_mb3 (
  id int NOT NULL,
  name varchar(191) NOT NULL DEFAULT '',
  note text,
  PRIMARY KEY (id),
  UNIQUE KEY name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
INSERT INTO varied_mb3 VALUES (1,'東京','é'),(2,'TOKYO β',NULL),(3,'','\'');

CREATE TABLE varied_bytes (
  id int NOT NULL AUTO_INCREMENT,
  fixed binary(4) NOT NULL,
  middle varbinary(400) DEFAULT NULL,
  big longblob,
  place point DEFAULT NULL,
  PRIMARY KEY (id),
  KEY bytes (middle(20))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
INSERT INTO varied_bytes VALUES
  (1,'a',NULL,NULL,NULL),(2,0x00000000,0x27295C2C0A0D001A22,0xFFFE,ST_GeomFromText('POINT(139.716 35.5625)'));

CREATE TABLE varied_json (
  id int NOT NULL,
  document json DEFAULT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
INSERT INTO varied_json VALUES
  (1,'{"名前": "it''s \\"quoted\\" \\\\ \\n ),(", "list": [1, 2.5, null, true, {"x": []}]}'),(2,NULL),(3,'null'),(4,'"text"');

CREATE TABLE varied_generated (
  id int NOT NULL,
  price int DEFAULT NULL,
  doubled int GENERATED ALWAYS AS (price * 2) VIRTUAL,
  label varchar(40) GENERATED ALWAYS AS (concat('no. ', price, '; )')) STORED,
  last_price int DEFAULT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY label (label),
  KEY doubled (doubled)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
INSERT INTO varied_generated (id, price, last_price) VALUES (1,10,1),(2,NULL,2),(3,-5,NULL);

CREATE TABLE varied_zero (
  id int NOT NULL AUTO_INCREMENT,
  name varchar(10) DEFAULT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB AUTO_INCREMENT=77 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
INSERT INTO varied_zero VALUES (0,'zero'),(1,'one'),(5,NULL);

CREATE TABLE varied_keys (
  a int NOT NULL,
  b varchar(20) NOT NULL,
  c int DEFAULT NULL,
  number int NOT NULL AUTO_INCREMENT,
  PRIMARY KEY (a, b),
  UNIQUE KEY c (c),
  UNIQUE KEY both_ways (b DESC, a) COMMENT 'a key; with a comment',
  KEY number (number),
  CONSTRAINT small CHECK (c < 1000)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
INSERT INTO varied_keys VALUES (1,'x',NULL,3),(1,'y',NULL,2),(2,'x',7,1);

CREATE TABLE varied_child (
  id int NOT NULL,
  parent_a int DEFAULT NULL,
  parent_b varchar(20) DEFAULT NULL,
  PRIMARY KEY (id),
  KEY parent (parent_a, parent_b),
  CONSTRAINT its_parent FOREIGN KEY (parent_a, parent_b) REFERENCES varied_keys (a, b) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
INSERT INTO varied_child VALUES (1,1,'x'),(2,NULL,NULL);

CREATE TABLE varied_keyless (a int DEFAULT NULL, b varchar(20) DEFAULT NULL, KEY a (a))
  ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
INSERT INTO varied_keyless VALUES (1,'x'),(1,'x'),(NULL,NULL);

CREATE TABLE varied_old (id int NOT NULL AUTO_INCREMENT, a varchar(20) DEFAULT NULL, PRIMARY KEY (id), KEY a (a))
  ENGINE=MyISAM DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
INSERT INTO varied_old VALUES (0,'x'),(3,'x'),(4,NULL);

CREATE TABLE varied_squeezed (id int NOT NULL, a text, PRIMARY KEY (id))
  ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8;
INSERT INTO varied_squeezed VALUES (1,repeat('x',5000));

CREATE TABLE varied_empty (id int NOT NULL, a varchar(20) DEFAULT NULL, PRIMARY KEY (id), KEY a (a))
  ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE varied_bulk (id int NOT NULL, a text, PRIMARY KEY (id))
  ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `order` (`key` int NOT NULL, `名前` varchar(20) DEFAULT NULL, `select` varchar(9) DEFAULT NULL, PRIMARY KEY (`key`))
  ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
INSERT INTO `order` VALUES (1,'山田','values');

CREATE TABLE varied_parts (id int NOT NULL, day date NOT NULL, a varchar(20) DEFAULT NULL, PRIMARY KEY (id, day))
  ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  PARTITION BY RANGE (to_days(day)) SUBPARTITION BY LINEAR HASH (id) SUBPARTITIONS 2
  (PARTITION old VALUES LESS THAN (to_days('2000-01-01')) COMMENT 'it''s ),(', PARTITION rest VALUES LESS THAN MAXVALUE);
INSERT INTO varied_parts VALUES (1,'1999-12-31','x'),(2,'2026-03-02',NULL);

CREATE TABLE varied_lists (id int NOT NULL, name varchar(20) NOT NULL, PRIMARY KEY (id, name))
  ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  PARTITION BY LIST COLUMNS (name) (PARTITION `a b` VALUES IN ('it''s','a;),('), PARTITION p2 VALUES IN ('東京','🏠'));
INSERT INTO varied_lists VALUES (1,'it''s'),(2,'東京');

CREATE VIEW varied_view AS SELECT id, concat(name, '; x') AS name FROM varied_mb3 WHERE name <> '''';
DELIMITER ;;
CREATE TRIGGER varied_trigger BEFORE INSERT ON varied_zero FOR EACH ROW
BEGIN
  -- it's a comment; with a quote
  SET NEW.name = concat(NEW.name, '; END');
END;;
CREATE PROCEDURE varied_procedure(IN a int)
BEGIN
  SELECT a; SELECT 'DELIMITER ;;';
END;;
CREATE FUNCTION varied_function(a int) RETURNS int DETERMINISTIC
BEGIN
  RETURN a + 1;
END;;
CREATE EVENT varied_event ON SCHEDULE EVERY 1 YEAR STARTS '2037-01-01 00:00:00' DO
BEGIN
  DELETE FROM varied_zero WHERE name = ';'; DELETE FROM varied_empty;
END;;
DELIMITER ;
