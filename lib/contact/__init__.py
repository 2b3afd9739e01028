"""One contact, one phone number: fields, problems, cleaning, the numbering plan, keys and masks. Pure."""
