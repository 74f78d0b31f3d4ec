"""The inner side of the town hall, which opens records, counts, reports and answers."""
