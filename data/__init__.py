"""Reference lists, the exercise country and what the base map is made from."""
