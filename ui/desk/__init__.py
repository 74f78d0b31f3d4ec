"""The pages, the JSON API and the events that the box serves at the desk."""
