"""Papers: weigh slips of what growers delivered, and the purchase papers without which they are not paid."""
