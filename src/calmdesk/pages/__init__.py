"""What people open in a browser: one file each, which holds all it needs and asks nobody for more."""
