# Nothing to fill in: everything here is made up.
