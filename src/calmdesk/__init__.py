"""calmdesk: a command-line coach for people who answer unhappy customers."""

__version__ = "0.1.0"
