"""napari-irrm core."""
