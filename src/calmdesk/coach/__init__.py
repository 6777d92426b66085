"""What good sounds like, pure: phrase rules read from text, and where they hold in what people write."""
