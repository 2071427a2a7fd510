"""Stores of the folder watcher seen from napari, and folders of images made small.

Nothing here knows Qt, and nothing loads a network until a work runs.
"""
