"""The hands and ears of the box, one device to a module behind one port of the desk."""
