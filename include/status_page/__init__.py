"""The state of the platform on one page: collected from where it is kept, rendered as one HTML file."""
