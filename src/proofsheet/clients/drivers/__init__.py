"""Programs that run as processes of their own, each with the SDKs of one language: jobs come in on stdin, replies go out on stdout."""
