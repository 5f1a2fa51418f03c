"""The Aurora MySQL side: connections, generations, publishing, the ledger."""
