# What a mocked AWS answers where the provider checks the form: policies are JSON, ARNs are ARNs.

mock_data "aws_caller_identity" {
  defaults = { account_id = "123456789012" }
}

mock_data "aws_region" {
  defaults = { name = "ap-northeast-1" }
}

mock_data "aws_iam_policy_document" {
  defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
}

mock_resource "aws_kms_key" {
  defaults = { arn = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000" }
}

mock_resource "aws_iam_role" {
  defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
}

mock_resource "aws_sns_topic" {
  defaults = { arn = "arn:aws:sns:ap-northeast-1:123456789012:mock" }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = { arn = "arn:aws:logs:ap-northeast-1:123456789012:log-group:mock" }
}

mock_resource "aws_secretsmanager_secret" {
  defaults = { arn = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:mock" }
}

mock_resource "aws_serverlessapplicationrepository_cloudformation_stack" {
  defaults = { outputs = { RotationLambdaARN = "arn:aws:lambda:ap-northeast-1:123456789012:function:mock" } }
}

mock_resource "aws_quicksight_vpc_connection" {
  defaults = { arn = "arn:aws:quicksight:ap-northeast-1:123456789012:vpcConnection/mock" }
}

mock_resource "aws_quicksight_data_source" {
  defaults = { arn = "arn:aws:quicksight:ap-northeast-1:123456789012:datasource/mock" }
}

mock_resource "aws_quicksight_group" {
  defaults = { arn = "arn:aws:quicksight:ap-northeast-1:123456789012:group/default/mock" }
}
