"""What is remembered: events, on disk before anybody believes them."""
