"""What an editor underlines with our schema, lint finds on the same line; and the editor's help works."""
