"""The vendor's nightly mysqldump: where it lies, whether it is valid, what is in it, how it is restored."""
