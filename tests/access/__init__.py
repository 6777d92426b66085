"""What a browser's own reading of our pages finds wrong for people who see, hear or read differently."""
