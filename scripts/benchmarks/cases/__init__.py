"""One module for each case, with a `CASE` (see `..case.Case`)."""
