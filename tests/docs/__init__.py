"""The reference pages (``docs/reference``): made from the declarations, and checked to be current."""
