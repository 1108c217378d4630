"""Real templates, which run where the folder ``../shared/corpus`` stands beside the checkout; none is copied here."""
