/*M!999999\- enable the sandbox mode */ 
-- MariaDB dump 10.19-11.4.5-MariaDB, for debian-linux-gnu (x86_64)
/*!40101 SET NAMES utf8mb4 */;
/*!40103 SET TIME_ZONE='+00:00' */;

DROP TABLE IF EXISTS `g`;
CREATE TABLE `g` (
  `id` int NOT NULL,
  `a` varchar(20) DEFAULT NULL,
  `b` varchar(20) GENERATED ALWAYS AS (upper(`a`)) VIRTUAL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
INSERT INTO `g` VALUES (1,'x','X'),(2,'y','Y');

-- Dump completed on 2026-03-02  5:31:07
