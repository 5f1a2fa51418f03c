# Once per AWS account, before its environment, with local state; then `terraform init -migrate-state` into the bucket
# that it made, after naming it in backend.tf (infra/README.md, step 1).

module "bootstrap" {
  source = "../../modules/bootstrap"

  name = "gghouse"
}
