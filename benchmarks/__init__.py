"""How fast the template language is, measured by hand: no test ever asserts a time. See README.md."""
