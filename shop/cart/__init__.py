"""The cart: what a buyer means to order, kept until they do."""
