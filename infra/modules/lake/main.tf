# The history as Parquet (include/lake), for Athena: a catalogue entry for each table, and a place for answers. Made only
# where the setting history_parquet is on.
#
# Athena works out the dates itself (partition projection), so no crawler runs, nobody registers a partition, and the role
# that writes needs no right in Glue. tables.json is what include/lake/tables.py declares; a test holds the two equal.
#
# | item                                                                    | USD                      |
# |-------------------------------------------------------------------------|--------------------------|
# | Glue: five entries; the first million are free                          | 0                        |
# | Athena: what a query reads, 5 a terabyte and at least 10 MB (estimate)  | 0.00005 for each query   |
# | S3: 0.2 GB a year for 50,000 tenants and 16,000 rooms                   | cents a month            |

data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

locals {
  account  = data.aws_caller_identity.current.account_id
  region   = data.aws_region.current.name
  bucket   = "arn:aws:s3:::${var.data_bucket}"
  database = "${replace(var.name, "-", "_")}_history"
  glue     = "arn:aws:glue:${local.region}:${local.account}"
  tables   = jsondecode(file("${path.module}/tables.json"))
}

resource "aws_glue_catalog_database" "history" {
  name        = local.database
  description = "History by date, written by gghouse_daily"
}

resource "aws_glue_catalog_table" "history" {
  for_each = local.tables

  name          = each.key
  database_name = aws_glue_catalog_database.history.name
  table_type    = "EXTERNAL_TABLE"

  parameters = {
    EXTERNAL                                 = "TRUE"
    classification                           = "parquet"
    "projection.enabled"                     = "true"
    "projection.snapshot_date.type"          = "date"
    "projection.snapshot_date.format"        = "yyyy-MM-dd"
    "projection.snapshot_date.interval"      = "1"
    "projection.snapshot_date.interval.unit" = "DAYS"
    # NOW is UTC, and the day begins nine hours earlier in Tokyo
    "projection.snapshot_date.range" = "${var.first_date},NOW+1DAY"
    "storage.location.template"      = "s3://${var.data_bucket}/history/${each.key}/snapshot_date=$${snapshot_date}/"
  }

  partition_keys {
    name = "snapshot_date"
    type = "date"
  }

  storage_descriptor {
    location      = "s3://${var.data_bucket}/history/${each.key}/"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    }

    dynamic "columns" {
      for_each = each.value

      content {
        name = columns.value.name
        type = columns.value.type
      }
    }
  }
}

resource "aws_athena_workgroup" "history" {
  name          = "${var.name}-history"
  description   = "Questions to the history by date"
  force_destroy = true # the list of past queries goes with it

  configuration {
    enforce_workgroup_configuration = true
    bytes_scanned_cutoff_per_query  = var.most_bytes_per_query

    result_configuration {
      output_location = "s3://${var.data_bucket}/athena/"

      encryption_configuration {
        encryption_option = "SSE_KMS"
        kms_key_arn       = var.kms_key_arn
      }
    }
  }
}

# What a reader needs, to be attached to whoever may read; nobody has it by default.
resource "aws_iam_policy" "reader" {
  name        = "${var.name}-history-reader"
  description = "Ask Athena about the history by date"
  policy      = data.aws_iam_policy_document.reader.json
}

data "aws_iam_policy_document" "reader" {
  statement {
    sid       = "Ask"
    actions   = ["athena:GetQueryExecution", "athena:GetQueryResults", "athena:GetWorkGroup", "athena:StartQueryExecution", "athena:StopQueryExecution"]
    resources = ["arn:aws:athena:${local.region}:${local.account}:workgroup/${var.name}-history"]
  }

  statement {
    sid       = "SeeTables"
    actions   = ["glue:GetDatabase", "glue:GetPartitions", "glue:GetTable", "glue:GetTables"]
    resources = ["${local.glue}:catalog", "${local.glue}:database/${local.database}", "${local.glue}:table/${local.database}/*"]
  }

  statement {
    sid       = "FindFiles"
    actions   = ["s3:GetBucketLocation", "s3:ListBucket"]
    resources = [local.bucket]
  }

  statement {
    sid       = "ReadHistory"
    actions   = ["s3:GetObject"]
    resources = ["${local.bucket}/history/*"]
  }

  statement {
    sid       = "Answers"
    actions   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
    resources = ["${local.bucket}/athena/*"]
  }

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${local.region}.amazonaws.com"]
    }
  }
}
