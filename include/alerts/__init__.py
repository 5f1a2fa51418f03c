"""What people are told when something is late or broken: the sentences and the routes that carry them."""
