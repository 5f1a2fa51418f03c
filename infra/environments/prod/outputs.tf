output "platform" {
  description = "Everything that a person or the deploy command needs to know."
  value       = module.platform
}
