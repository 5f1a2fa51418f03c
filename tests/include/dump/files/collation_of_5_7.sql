-- MySQL dump 10.13  Distrib 5.7.44, for Linux (x86_64)
/*!40101 SET NAMES utf8mb4 */;
/*!40103 SET TIME_ZONE='+00:00' */;

DROP TABLE IF EXISTS `n`;
CREATE TABLE `n` (
  `id` int NOT NULL,
  `name` varchar(40) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `name` (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `n` VALUES (1,'ハハ'),(2,'パパ'),(3,'びょういん'),(4,'びよういん'),(5,'x');

-- Dump completed on 2026-03-02  5:31:07
