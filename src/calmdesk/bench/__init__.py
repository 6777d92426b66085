"""What proves a playbook."""
