"""Chain files: read with places, checked, changed, written."""
