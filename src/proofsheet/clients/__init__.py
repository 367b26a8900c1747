"""Real clients against a target: the SDKs, curl and the documented examples, as their users run them."""
