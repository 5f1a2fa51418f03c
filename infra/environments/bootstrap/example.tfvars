account_id = "123456789012" # copy to terraform.tfvars and fill in; the checks plan with this file
