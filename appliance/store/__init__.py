"""The database of the box, and the only place in the box that knows peewee."""
