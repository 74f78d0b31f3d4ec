"""The voice: sentences become sound files in a process of their own, and the desk plays the files."""
