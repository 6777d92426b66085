"""What happens when the machine fails: nothing said as saved is ever lost, and nobody ever sees a traceback."""
