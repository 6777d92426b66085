"""What happens on a call: pure values and functions; no clock, file, keyboard or screen."""
