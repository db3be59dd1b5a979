"""For authors: build, run and record the labs, and make the corpus."""
