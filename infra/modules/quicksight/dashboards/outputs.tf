output "addresses" {
  description = "Address of each dashboard, by definition and folder."

  value = {
    for key, dashboard in local.published : key => "https://${var.region}.quicksight.aws.amazon.com/sn/dashboards/${dashboard.dashboard_id}"
  }
}
