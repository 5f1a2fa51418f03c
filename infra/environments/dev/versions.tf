terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # The bucket is the output state_bucket of environments/bootstrap:
  # terraform init -backend-config=bucket=NAME
  backend "s3" {
    key          = "gghouse-dev.tfstate"
    region       = "ap-northeast-1"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region              = "ap-northeast-1"
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = {
      Project     = "gghouse"
      Environment = "dev"
      Owner       = "data-platform"
      ManagedBy   = "terraform"
    }
  }
}
