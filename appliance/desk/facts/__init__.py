"""What happened at the desk, as frozen values that never change afterwards."""
