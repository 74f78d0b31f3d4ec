"""The composition root, the only place that knows every folder and chooses the parts."""
