"""Journals of each format, written by the program of its time."""
