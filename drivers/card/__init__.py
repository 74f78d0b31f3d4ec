"""The card reader: a process of its own owns every byte, and a gate lets only a few commands out."""
