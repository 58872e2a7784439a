"""Values by the names of fields: what a person expects in `email`, `unitPrice` or `dueDate`."""
