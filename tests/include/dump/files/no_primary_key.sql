-- MySQL dump 10.13  Distrib 8.0.39, for Linux (x86_64)
/*!50503 SET NAMES utf8mb4 */;
/*!40103 SET TIME_ZONE='+00:00' */;

DROP TABLE IF EXISTS `np`;
CREATE TABLE `np` (
  `a` int DEFAULT NULL,
  `b` varchar(9) DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
INSERT INTO `np` VALUES (1,'x'),(1,'x');

-- Dump completed on 2026-03-02  5:31:07
