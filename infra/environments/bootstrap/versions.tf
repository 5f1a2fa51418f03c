terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

}

provider "aws" {
  region              = "ap-northeast-1"
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = {
      Project     = "gghouse"
      Environment = "account"
      Owner       = "data-platform"
      ManagedBy   = "terraform"
    }
  }
}
