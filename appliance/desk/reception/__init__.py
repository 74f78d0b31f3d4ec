"""What people do at the desk, one module for each kind of visit."""
