"""The box on the desk: its core, its database, its packs and the assembly of its parts."""
