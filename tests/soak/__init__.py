"""An hour of whatever can happen at a desk; nothing that was said to be saved may be missing afterwards."""
