"""The napari plugin of napari-irrm; its manifest is ``napari.yaml`` beside this file."""
