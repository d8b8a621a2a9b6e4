"""Profiles: what a dataset is like, before anything is trained on it.

Each statistic is a file: a class with `update(view)`, `merge(other)` and a result, whose state is bounded
whatever the number of rows. States of parts of a dataset merge into the state of the whole: several workers
find what one finds. Adding one: a file here, a field of `facts.Profile`, and its lines in `state.State`.
"""
