"""The pages and the JSON API that the office serves inside the town hall."""
