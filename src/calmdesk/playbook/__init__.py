"""What a trainer writes: text becomes a frozen playbook, or findings."""
