"""Image rescaling with invertible networks: a small viewable picture restores the large one."""

__version__ = "0.1.0"
