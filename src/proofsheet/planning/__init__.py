"""What a run would send, priced, before anything is sent."""
