# The account's subscription to QuickSight, which everything of the module quicksight needs first. Cost: none by itself;
# authors and readers cost.
#
# A destroy ends the subscription, and with it every dashboard and user of the account in every region. QuickSight's own
# termination protection, which is on from the start, refuses that until somebody switches it off:
# aws quicksight update-account-settings --aws-account-id ... --default-namespace default --no-termination-protection-enabled
# Where the account is subscribed already, leave this out: the resource cannot be imported.

resource "aws_quicksight_account_subscription" "this" {
  account_name          = var.account_name
  edition               = "ENTERPRISE"
  authentication_method = "IAM_AND_QUICKSIGHT"
  notification_email    = var.notification_email
}
