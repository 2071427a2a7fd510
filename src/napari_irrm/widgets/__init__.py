"""What people see and click: the plugin's Qt widgets, and nothing else of it."""
