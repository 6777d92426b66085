"""The page of `playbook graph`, used as people use it: in a real browser."""
