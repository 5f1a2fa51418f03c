"""The rent roll: what the property manager's list of rooms says, compared with the property-management system's."""
