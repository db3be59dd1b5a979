"""What a learner wrote in earlier labs, for use in later ones. Generated from the solutions by tools/build_labs.py."""
