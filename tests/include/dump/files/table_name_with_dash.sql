-- MySQL dump 10.13  Distrib 8.0.39, for Linux (x86_64)
/*!50503 SET NAMES utf8mb4 */;
/*!40103 SET TIME_ZONE='+00:00' */;

DROP TABLE IF EXISTS `bk-2024`;
CREATE TABLE `bk-2024` (
  `id` int NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
INSERT INTO `bk-2024` VALUES (1);

-- Dump completed on 2026-03-02  5:31:07
