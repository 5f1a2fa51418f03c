-- MySQL dump 10.13  Distrib 8.0.39, for Linux (x86_64)
/*!50503 SET NAMES utf8mb4 */;

DROP TABLE IF EXISTS `ev`;
CREATE TABLE `ev` (
  `id` int NOT NULL,
  `at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
INSERT INTO `ev` VALUES (1,'2026-03-02 05:15:00');

-- Dump completed on 2026-03-02  5:31:07
