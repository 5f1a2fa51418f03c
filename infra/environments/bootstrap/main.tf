# Once per AWS account, before its environment, with local state; then `terraform init -migrate-state` into the bucket
# that it made, after naming it in a backend block, or keep the state file of these few resources in a safe place.

module "bootstrap" {
  source = "../../modules/bootstrap"

  name = "gghouse"
}
