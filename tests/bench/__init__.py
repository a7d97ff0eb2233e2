"""How fast, beside others in the same run: `./run bench [--areas N] [--incidents N]`."""
