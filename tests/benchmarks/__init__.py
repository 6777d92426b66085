"""What calmdesk costs, as ratios measured side by side; `python -m tests.benchmarks` (README.md)."""
