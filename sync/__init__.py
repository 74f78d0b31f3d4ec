"""The way from a sealed record to its receipt."""
