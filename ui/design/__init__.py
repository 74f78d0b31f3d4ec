"""One look everywhere: tokens, base template, macros, fonts and icons."""
