CREATE TABLE `Arrears_Management` (
  `id` int NOT NULL AUTO_INCREMENT,
  `tenant_id` int DEFAULT NULL,
  `moving_id` int DEFAULT NULL,
  `arrears_amount` int DEFAULT NULL,
  `arrears_months` int DEFAULT NULL,
  `last_call_date` date DEFAULT NULL,
  `status` int DEFAULT NULL,
  `remarks` text,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `Arrears_Snapshot` (
  `id` int NOT NULL AUTO_INCREMENT,
  `tenant_id` int DEFAULT NULL,
  `snapshot_date` date DEFAULT NULL,
  `arrears_amount` int DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `Costs` (
  `id` int NOT NULL AUTO_INCREMENT,
  `apartment_id` int DEFAULT NULL,
  `room_id` int DEFAULT NULL,
  `supplier_id` int DEFAULT NULL,
  `cost_date` date DEFAULT NULL,
  `pay_date` date DEFAULT NULL,
  `total_amount` int DEFAULT NULL,
  `tax_amount` int DEFAULT NULL,
  `status` int DEFAULT NULL,
  `approver_id` int DEFAULT NULL,
  `title` varchar(191) DEFAULT NULL,
  `remarks` text,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `Costs_items` (
  `id` int NOT NULL AUTO_INCREMENT,
  `cost_id` int DEFAULT NULL,
  `item_id` int DEFAULT NULL,
  `item_name` varchar(191) DEFAULT NULL,
  `quantity` int DEFAULT NULL,
  `unit_price` int DEFAULT NULL,
  `amount` int DEFAULT NULL,
  `tax_amount` int DEFAULT NULL,
  `remarks` text,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `Deposits` (
  `id` int NOT NULL AUTO_INCREMENT,
  `tenant_id` int DEFAULT NULL,
  `moving_id` int DEFAULT NULL,
  `deposit_date` date DEFAULT NULL,
  `deposit_amount` int DEFAULT NULL,
  `refund_date` date DEFAULT NULL,
  `refund_amount` int DEFAULT NULL,
  `status` int DEFAULT NULL,
  `remarks` text,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `Fundhing_Request` (
  `id` int NOT NULL AUTO_INCREMENT,
  `moving_id` int DEFAULT NULL,
  `tenant_id` int DEFAULT NULL,
  `request_number` varchar(32) DEFAULT NULL,
  `request_date` date DEFAULT NULL,
  `due_date` date DEFAULT NULL,
  `request_amount` int DEFAULT NULL,
  `tax_amount` int DEFAULT NULL,
  `status` int DEFAULT NULL,
  `send_method` varchar(191) DEFAULT NULL,
  `send_note` text,
  `recipient_name` varchar(191) DEFAULT NULL,
  `recipient_address` varchar(191) DEFAULT NULL,
  `remarks` text,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `fundhing_request_moving_id_index` (`moving_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `Orders` (
  `id` int NOT NULL AUTO_INCREMENT,
  `supplier_id` int DEFAULT NULL,
  `order_date` date DEFAULT NULL,
  `total_amount` int DEFAULT NULL,
  `status` int DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `apartment_corporate_names` (
  `id` int NOT NULL AUTO_INCREMENT,
  `corporate_name` varchar(191) DEFAULT NULL,
  `sort_order` int DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `apartment_histories` (
  `id` int NOT NULL AUTO_INCREMENT,
  `apartment_id` int DEFAULT NULL,
  `m_apartment_history_corporation_id` int DEFAULT NULL,
  `m_apartment_history_service_id` int DEFAULT NULL,
  `history_date` date DEFAULT NULL,
  `cost_amount` int DEFAULT NULL,
  `title` varchar(191) DEFAULT NULL,
  `body` text,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `apartment_municipalities` (
  `id` int NOT NULL AUTO_INCREMENT,
  `apartment_prefecture_id` int DEFAULT NULL,
  `municipality_name` varchar(191) DEFAULT NULL,
  `sort_order` int DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `apartment_owners` (
  `id` int NOT NULL AUTO_INCREMENT,
  `apartment_id` int DEFAULT NULL,
  `m_owner_id` int DEFAULT NULL,
  `share_rate` int DEFAULT NULL,
  `start_date` date DEFAULT NULL,
  `end_date` date DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `apartment_payees` (
  `id` int NOT NULL AUTO_INCREMENT,
  `apartment_id` int DEFAULT NULL,
  `payee_name` varchar(191) DEFAULT NULL,
  `bank_name` varchar(191) DEFAULT NULL,
  `branch_name` varchar(191) DEFAULT NULL,
  `account_number` varchar(32) DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `apartment_prefectures` (
  `id` int NOT NULL AUTO_INCREMENT,
  `prefecture_name` varchar(191) DEFAULT NULL,
  `sort_order` int DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `api_requests` (
  `id` int NOT NULL AUTO_INCREMENT,
  `request_path` varchar(191) DEFAULT NULL,
  `method_name` varchar(191) DEFAULT NULL,
  `request_body` text,
  `response_status` int DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `applications` (
  `id` int NOT NULL AUTO_INCREMENT,
  `tenant_id` int DEFAULT NULL,
  `apartment_id` int DEFAULT NULL,
  `room_id` int DEFAULT NULL,
  `post_datetime` datetime DEFAULT NULL,
  `status` int DEFAULT NULL,
  `remarks` text,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `approvals` (
  `id` int NOT NULL AUTO_INCREMENT,
  `cost_id` int DEFAULT NULL,
  `approver_id` int DEFAULT NULL,
  `approved_at` datetime DEFAULT NULL,
  `status` int DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `approvers` (
  `id` int NOT NULL AUTO_INCREMENT,
  `approver_name` varchar(191) DEFAULT NULL,
  `email` varchar(191) DEFAULT NULL,
  `sort_order` int DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `bank_account_tenants` (
  `id` int NOT NULL AUTO_INCREMENT,
  `bank_account_id` int DEFAULT NULL,
  `tenant_id` int DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `bank_account_tenants_tenant_id_index` (`tenant_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `bank_accounts` (
  `id` int NOT NULL AUTO_INCREMENT,
  `tenant_id` int DEFAULT NULL,
  `bank_name` varchar(191) DEFAULT NULL,
  `branch_name` varchar(191) DEFAULT NULL,
  `account_type` int DEFAULT NULL,
  `account_number` varchar(32) DEFAULT NULL,
  `account_holder_kana` varchar(191) DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `bank_deposits` (
  `id` int NOT NULL AUTO_INCREMENT,
  `tenant_id` int DEFAULT NULL,
  `deposit_account_id` int DEFAULT NULL,
  `deposit_date` date DEFAULT NULL,
  `deposit_amount` int DEFAULT NULL,
  `payer_kana` varchar(191) DEFAULT NULL,
  `bank_name` varchar(191) DEFAULT NULL,
  `branch_name` varchar(191) DEFAULT NULL,
  `status` int DEFAULT NULL,
  `is_matched` tinyint(1) DEFAULT '0',
  `remarks` text,
  `import_file_name` varchar(191) DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `bank_deposits_tenant_id_index` (`tenant_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `cash` (
  `id` int NOT NULL AUTO_INCREMENT,
  `cash_name` varchar(191) DEFAULT NULL,
  `balance` int DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `cleared_balances` (
  `id` int NOT NULL AUTO_INCREMENT,
  `tenant_id` int DEFAULT NULL,
  `moving_id` int DEFAULT NULL,
  `balance_date` date DEFAULT NULL,
  `cleared_balance` int DEFAULT NULL,
  `status` int DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `clearings` (
  `id` int NOT NULL AUTO_INCREMENT,
  `payment_id` int DEFAULT NULL,
  `bank_deposit_id` int DEFAULT NULL,
  `tenant_id` int DEFAULT NULL,
  `moving_id` int DEFAULT NULL,
  `clearing_date` date DEFAULT NULL,
  `cleared_amount` int DEFAULT NULL,
  `clearing_type` int DEFAULT NULL,
  `is_cancelled` tinyint(1) DEFAULT '0',
  `staff_id` int DEFAULT NULL,
  `payer_kana` varchar(191) DEFAULT NULL,
  `bank_name` varchar(191) DEFAULT NULL,
  `remarks` text,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `clearings_moving_id_index` (`moving_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `currency` (
  `id` int NOT NULL AUTO_INCREMENT,
  `currency_code` varchar(32) DEFAULT NULL,
  `currency_name` varchar(191) DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `deposit_accounts` (
  `id` int NOT NULL AUTO_INCREMENT,
  `apartment_id` int DEFAULT NULL,
  `bank_name` varchar(191) DEFAULT NULL,
  `branch_name` varchar(191) DEFAULT NULL,
  `account_number` varchar(32) DEFAULT NULL,
  `account_holder_kana` varchar(191) DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `gmo_order_numbers` (
  `id` int NOT NULL AUTO_INCREMENT,
  `tenant_id` int DEFAULT NULL,
  `order_number` varchar(32) DEFAULT NULL,
  `order_amount` int DEFAULT NULL,
  `order_date` date DEFAULT NULL,
  `status` int DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `gmo_proof_lists` (
  `id` int NOT NULL AUTO_INCREMENT,
  `order_number` varchar(32) DEFAULT NULL,
  `proof_date` date DEFAULT NULL,
  `proof_amount` int DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `introducers` (
  `id` int NOT NULL AUTO_INCREMENT,
  `tenant_id` int DEFAULT NULL,
  `introducer_name` varchar(191) DEFAULT NULL,
  `introducer_tel` varchar(32) DEFAULT NULL,
  `introduce_fee` int DEFAULT NULL,
  `introduce_date` date DEFAULT NULL,
  `status` int DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `items` (
  `id` int NOT NULL AUTO_INCREMENT,
  `item_code` varchar(32) DEFAULT NULL,
  `item_name` varchar(191) DEFAULT NULL,
  `tax_rate` int DEFAULT NULL,
  `sort_order` int DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `ju` (
  `id` int NOT NULL AUTO_INCREMENT,
  `apartment_id` int DEFAULT NULL,
  `ju_month` varchar(7) DEFAULT NULL,
  `ju_count` int DEFAULT NULL,
  `ju_amount` int DEFAULT NULL,
  `note` text,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `m_agent_tenants` (
  `id` int NOT NULL AUTO_INCREMENT,
  `m_agent_id` int DEFAULT NULL,
  `tenant_id` int DEFAULT NULL,
  `agent_fee` int DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `m_agents` (
  `id` int NOT NULL AUTO_INCREMENT,
  `agent_name` varchar(191) DEFAULT NULL,
  `agent_kana` varchar(191) DEFAULT NULL,
  `tel` varchar(32) DEFAULT NULL,
  `zip_code` varchar(32) DEFAULT NULL,
  `address` varchar(191) DEFAULT NULL,
  `fee_rate` int DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `m_apartment_history_corporations` (
  `id` int NOT NULL AUTO_INCREMENT,
  `corporation_name` varchar(191) DEFAULT NULL,
  `sort_order` int DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `m_apartment_history_services` (
  `id` int NOT NULL AUTO_INCREMENT,
  `service_name` varchar(191) DEFAULT NULL,
  `sort_order` int DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `m_black_list_reasons` (
  `id` int NOT NULL AUTO_INCREMENT,
  `reason_name` varchar(191) DEFAULT NULL,
  `sort_order` int DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `m_corporate_name_contracts` (
  `id` int NOT NULL AUTO_INCREMENT,
  `m_corporate_name_id` int DEFAULT NULL,
  `contract_date` date DEFAULT NULL,
  `contract_number` varchar(32) DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `m_corporate_names` (
  `id` int NOT NULL AUTO_INCREMENT,
  `corporate_name` varchar(191) DEFAULT NULL,
  `corporate_kana` varchar(191) DEFAULT NULL,
  `tel` varchar(32) DEFAULT NULL,
  `zip_code` varchar(32) DEFAULT NULL,
  `address` varchar(191) DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `m_data_types` (
  `id` int NOT NULL AUTO_INCREMENT,
  `data_type_name` varchar(191) DEFAULT NULL,
  `sort_order` int DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `m_moving_reasons` (
  `id` int NOT NULL AUTO_INCREMENT,
  `reason_name` varchar(191) DEFAULT NULL,
  `sort_order` int DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `m_moving_sites` (
  `id` int NOT NULL AUTO_INCREMENT,
  `site_name` varchar(191) DEFAULT NULL,
  `sort_order` int DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `m_next_apartments` (
  `id` int NOT NULL AUTO_INCREMENT,
  `next_apartment_name` varchar(191) DEFAULT NULL,
  `sort_order` int DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `m_owners` (
  `id` int NOT NULL AUTO_INCREMENT,
  `owner_name` varchar(191) DEFAULT NULL,
  `owner_kana` varchar(191) DEFAULT NULL,
  `tel` varchar(32) DEFAULT NULL,
  `zip_code` varchar(32) DEFAULT NULL,
  `address` varchar(191) DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `m_personal_identities` (
  `id` int NOT NULL AUTO_INCREMENT,
  `identity_name` varchar(191) DEFAULT NULL,
  `sort_order` int DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `m_sales_types` (
  `id` int NOT NULL AUTO_INCREMENT,
  `sales_type_name` varchar(191) DEFAULT NULL,
  `sort_order` int DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `m_systems` (
  `id` int NOT NULL AUTO_INCREMENT,
  `system_name` varchar(191) DEFAULT NULL,
  `system_code` varchar(32) DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `mapping_definition` (
  `id` int NOT NULL AUTO_INCREMENT,
  `mapping_name` varchar(191) DEFAULT NULL,
  `source_column` varchar(191) DEFAULT NULL,
  `target_column` varchar(191) DEFAULT NULL,
  `sort_order` int DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `moveouts` (
  `id` int NOT NULL AUTO_INCREMENT,
  `moving_id` int DEFAULT NULL,
  `tenant_id` int DEFAULT NULL,
  `moveout_date` date DEFAULT NULL,
  `inspection_date` date DEFAULT NULL,
  `restoration_fee` int DEFAULT NULL,
  `refund_amount` int DEFAULT NULL,
  `next_address` varchar(191) DEFAULT NULL,
  `forwarding_zip_code` varchar(32) DEFAULT NULL,
  `reason_type` int DEFAULT NULL,
  `staff_id` int DEFAULT NULL,
  `remarks` text,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `moveouts_moving_id_index` (`moving_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `moves` (
  `id` int NOT NULL AUTO_INCREMENT,
  `tenant_id` int DEFAULT NULL,
  `from_room_id` int DEFAULT NULL,
  `to_room_id` int DEFAULT NULL,
  `move_date` date DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `options` (
  `id` int NOT NULL AUTO_INCREMENT,
  `option_name` varchar(191) DEFAULT NULL,
  `option_code` varchar(32) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `order_items` (
  `id` int NOT NULL AUTO_INCREMENT,
  `order_id` int DEFAULT NULL,
  `item_id` int DEFAULT NULL,
  `quantity` int DEFAULT NULL,
  `unit_price` int DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `other_clearings` (
  `id` int NOT NULL AUTO_INCREMENT,
  `bank_deposit_id` int DEFAULT NULL,
  `clearing_date` date DEFAULT NULL,
  `cleared_amount` int DEFAULT NULL,
  `remarks` text,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `payment_deletions` (
  `id` int NOT NULL AUTO_INCREMENT,
  `payment_id` int DEFAULT NULL,
  `tenant_id` int DEFAULT NULL,
  `moving_id` int DEFAULT NULL,
  `payment_date` date DEFAULT NULL,
  `deleted_amount` int DEFAULT NULL,
  `staff_id` int DEFAULT NULL,
  `deleted_reason` varchar(191) DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `payments` (
  `id` int NOT NULL AUTO_INCREMENT,
  `moving_id` int DEFAULT NULL,
  `tenant_id` int DEFAULT NULL,
  `apartment_id` int DEFAULT NULL,
  `room_id` int DEFAULT NULL,
  `payment_type` int DEFAULT NULL,
  `payment_month` varchar(7) DEFAULT NULL,
  `payment_date` date DEFAULT NULL,
  `due_date` date DEFAULT NULL,
  `billed_amount` int DEFAULT NULL,
  `paid_amount` int DEFAULT NULL,
  `tax_amount` int DEFAULT NULL,
  `payment_method` varchar(191) DEFAULT NULL,
  `status` int DEFAULT NULL,
  `invoice_number` varchar(32) DEFAULT NULL,
  `item_name` varchar(191) DEFAULT NULL,
  `payer_kana` varchar(191) DEFAULT NULL,
  `remarks` text,
  `internal_memo` text,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `payments_moving_id_index` (`moving_id`),
  KEY `payments_tenant_id_index` (`tenant_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `paysle_charge_responses` (
  `id` int NOT NULL AUTO_INCREMENT,
  `paysle_charge_id` int DEFAULT NULL,
  `result_code` varchar(32) DEFAULT NULL,
  `response` text,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `paysle_charges` (
  `id` int NOT NULL AUTO_INCREMENT,
  `tenant_id` int DEFAULT NULL,
  `moving_id` int DEFAULT NULL,
  `charge_number` varchar(32) DEFAULT NULL,
  `charge_amount` int DEFAULT NULL,
  `charge_date` date DEFAULT NULL,
  `pay_limit_date` date DEFAULT NULL,
  `status` int DEFAULT NULL,
  `barcode_number` varchar(32) DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `paysle_csv_lines` (
  `id` int NOT NULL AUTO_INCREMENT,
  `file_name` varchar(191) DEFAULT NULL,
  `line_number` int DEFAULT NULL,
  `line_body` text,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `pl_actuals_annual` (
  `id` int NOT NULL AUTO_INCREMENT,
  `apartment_id` int DEFAULT NULL,
  `fiscal_year` int DEFAULT NULL,
  `item_code` varchar(32) DEFAULT NULL,
  `item_name` varchar(191) DEFAULT NULL,
  `month_01` int DEFAULT NULL,
  `month_02` int DEFAULT NULL,
  `month_03` int DEFAULT NULL,
  `month_04` int DEFAULT NULL,
  `month_05` int DEFAULT NULL,
  `month_06` int DEFAULT NULL,
  `month_07` int DEFAULT NULL,
  `month_08` int DEFAULT NULL,
  `month_09` int DEFAULT NULL,
  `month_10` int DEFAULT NULL,
  `month_11` int DEFAULT NULL,
  `month_12` int DEFAULT NULL,
  `total_amount` int DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `pmc` (
  `id` int NOT NULL AUTO_INCREMENT,
  `pmc_code` varchar(32) DEFAULT NULL,
  `pmc_name` varchar(191) DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `previews` (
  `id` int NOT NULL AUTO_INCREMENT,
  `tenant_id` int DEFAULT NULL,
  `apartment_id` int DEFAULT NULL,
  `room_id` int DEFAULT NULL,
  `preview_datetime` datetime DEFAULT NULL,
  `preview_type` int DEFAULT NULL,
  `staff_id` int DEFAULT NULL,
  `status` int DEFAULT NULL,
  `remarks` text,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `prime_one_accounts` (
  `id` int NOT NULL AUTO_INCREMENT,
  `apartment_id` int DEFAULT NULL,
  `bank_code` varchar(32) DEFAULT NULL,
  `branch_code` varchar(32) DEFAULT NULL,
  `account_number` varchar(32) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `proof_list_executions` (
  `id` int NOT NULL AUTO_INCREMENT,
  `execution_name` varchar(191) DEFAULT NULL,
  `file_name` varchar(191) DEFAULT NULL,
  `result_code` varchar(32) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `proof_lists` (
  `id` int NOT NULL AUTO_INCREMENT,
  `tenant_id` int DEFAULT NULL,
  `moving_id` int DEFAULT NULL,
  `proof_date` date DEFAULT NULL,
  `proof_type` int DEFAULT NULL,
  `proof_amount` int DEFAULT NULL,
  `matched_amount` int DEFAULT NULL,
  `status` int DEFAULT NULL,
  `data_file_name` varchar(191) DEFAULT NULL,
  `remarks` text,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `proof_lists_tenant_id_index` (`tenant_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `refunds` (
  `id` int NOT NULL AUTO_INCREMENT,
  `tenant_id` int DEFAULT NULL,
  `moving_id` int DEFAULT NULL,
  `refund_amount` int DEFAULT NULL,
  `refund_date` date DEFAULT NULL,
  `bank_name` varchar(191) DEFAULT NULL,
  `account_number` varchar(32) DEFAULT NULL,
  `status` int DEFAULT NULL,
  `remarks` text,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `renewals` (
  `id` int NOT NULL AUTO_INCREMENT,
  `moving_id` int DEFAULT NULL,
  `tenant_id` int DEFAULT NULL,
  `renewal_date` date DEFAULT NULL,
  `moveout_date` date DEFAULT NULL,
  `renewal_movein_date` date DEFAULT NULL,
  `renewal_fee` int DEFAULT NULL,
  `status` int DEFAULT NULL,
  `remarks` text,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `renewals_moving_id_index` (`moving_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `reports` (
  `id` int NOT NULL AUTO_INCREMENT,
  `apartment_id` int DEFAULT NULL,
  `tenant_id` int DEFAULT NULL,
  `report_date` date DEFAULT NULL,
  `report_type` int DEFAULT NULL,
  `title` varchar(191) DEFAULT NULL,
  `body` text,
  `staff_name` varchar(191) DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `ry` (
  `id` int NOT NULL AUTO_INCREMENT,
  `apartment_id` int DEFAULT NULL,
  `ry_month` varchar(7) DEFAULT NULL,
  `plan_amount` int DEFAULT NULL,
  `actual_amount` int DEFAULT NULL,
  `note` text,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `suppliers` (
  `id` int NOT NULL AUTO_INCREMENT,
  `supplier_name` varchar(191) DEFAULT NULL,
  `supplier_kana` varchar(191) DEFAULT NULL,
  `tel` varchar(32) DEFAULT NULL,
  `zip_code` varchar(32) DEFAULT NULL,
  `address` varchar(191) DEFAULT NULL,
  `bank_name` varchar(191) DEFAULT NULL,
  `account_number` varchar(32) DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `suppliers_items` (
  `id` int NOT NULL AUTO_INCREMENT,
  `supplier_id` int DEFAULT NULL,
  `item_id` int DEFAULT NULL,
  `unit_price` int DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `tenant_black_lists` (
  `id` int NOT NULL AUTO_INCREMENT,
  `tenant_id` int DEFAULT NULL,
  `m_black_list_reason_id` int DEFAULT NULL,
  `full_name` varchar(191) DEFAULT NULL,
  `birth_date` date DEFAULT NULL,
  `tel` varchar(32) DEFAULT NULL,
  `listed_date` date DEFAULT NULL,
  `remarks` text,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `tenant_counts` (
  `id` int NOT NULL AUTO_INCREMENT,
  `apartment_id` int DEFAULT NULL,
  `count_date` date DEFAULT NULL,
  `tenant_count` int DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `tenant_histories` (
  `id` int NOT NULL AUTO_INCREMENT,
  `tenant_id` int DEFAULT NULL,
  `status` int DEFAULT NULL,
  `changed_at` datetime DEFAULT NULL,
  `staff_id` int DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `tenant_histories_tenant_id_index` (`tenant_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `tenant_reports` (
  `id` int NOT NULL AUTO_INCREMENT,
  `tenant_id` int DEFAULT NULL,
  `report_id` int DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `tenant_reports_tenant_id_index` (`tenant_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `utility_bills` (
  `id` int NOT NULL AUTO_INCREMENT,
  `apartment_id` int DEFAULT NULL,
  `room_id` int DEFAULT NULL,
  `utility_type` int DEFAULT NULL,
  `bill_month` varchar(7) DEFAULT NULL,
  `usage_quantity` int DEFAULT NULL,
  `bill_amount` int DEFAULT NULL,
  `pay_date` date DEFAULT NULL,
  `contract_number` varchar(32) DEFAULT NULL,
  `supplier_name` varchar(191) DEFAULT NULL,
  `remarks` text,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `utility_bills_apartment_id_index` (`apartment_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `withdrawal_accounts` (
  `id` int NOT NULL AUTO_INCREMENT,
  `apartment_id` int DEFAULT NULL,
  `bank_name` varchar(191) DEFAULT NULL,
  `branch_name` varchar(191) DEFAULT NULL,
  `account_number` varchar(32) DEFAULT NULL,
  `account_holder_kana` varchar(191) DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `work_reports` (
  `id` int NOT NULL AUTO_INCREMENT,
  `apartment_id` int DEFAULT NULL,
  `work_date` date DEFAULT NULL,
  `staff_id` int DEFAULT NULL,
  `body` text,
  `created_at` timestamp NULL DEFAULT NULL,
  `updated_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
