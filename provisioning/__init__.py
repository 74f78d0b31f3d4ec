"""How a box comes into service and stays there: setting up, enrolling, updating, backing up and checking."""
