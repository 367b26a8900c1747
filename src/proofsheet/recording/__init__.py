"""Recordings: what a target answered, kept so that it can be judged again without sending anything.

A *cassette* is one file of exchanges, in vcrpy's format; a *set* is the folder of all cassettes of one target.
"""
