# Stacks without the rest of QuickSight, which the stand-in for AWS does not know: `python -m infra check apply` applies
# the dashboards of the repository and a small one to it.

locals {
  common = {
    account_id   = "123456789012"
    region       = "ap-northeast-1"
    authors      = "gghouse-test-authors"
    theme        = "gghouse-test"
    data_set_ids = { for table in keys(jsondecode(file("${path.module}/../../../data_sets.json"))) : table => "gghouse-test-${table}" }

    folders = {
      view   = { id = "gghouse-test-view", suffix = "", export = false, readers = ["gghouse-test-spc"] }
      export = { id = "gghouse-test-export", suffix = "-export", export = true, readers = ["gghouse-test-property_manager"] }
    }
  }
}

module "committed" {
  source = "../.."

  name         = "gghouse-test"
  account_id   = local.common.account_id
  region       = local.common.region
  authors      = local.common.authors
  theme        = local.common.theme
  data_set_ids = local.common.data_set_ids
  folders      = local.common.folders
}

module "small" {
  source = "../.."

  name         = "gghouse-test"
  directory    = "${path.module}/../definitions"
  account_id   = local.common.account_id
  region       = local.common.region
  authors      = local.common.authors
  theme        = local.common.theme
  data_set_ids = local.common.data_set_ids
  folders      = local.common.folders
}
