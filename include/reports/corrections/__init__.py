"""The daily list of records that the property manager should correct in the property-management system."""
