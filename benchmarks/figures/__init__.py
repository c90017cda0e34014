"""A million made-up events in the tables that figures are counted from, and how long each page of figures takes over them."""
