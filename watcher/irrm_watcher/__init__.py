"""The folder watcher of napari-irrm."""
